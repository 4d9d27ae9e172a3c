"""Doors: CLI, HTTP, jobs, pages, settings. The only place that joins the other rooms."""
