"""The store: one database with markets, plans and jobs, on SQLite or PostgreSQL."""

from data.store.codec import Plan, decode_plan, encode_plan, kind_of, plan_hash
from data.store.job_rows import Claim, Job, JobEvent, JobStatus, claim_in_force
from data.store.jobs import JobQueue
from data.store.plans import StoredPlan
from data.store.store import Store

__all__ = [
    "Claim",
    "Job",
    "JobEvent",
    "JobQueue",
    "JobStatus",
    "Plan",
    "Store",
    "StoredPlan",
    "claim_in_force",
    "decode_plan",
    "encode_plan",
    "kind_of",
    "plan_hash",
]
