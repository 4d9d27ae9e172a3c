"""One use case per job: load, compute, check, save. Called alike by CLI, worker and HTTP."""
