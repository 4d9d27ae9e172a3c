"""Entity resolution: the survey's sources in, one fact per company out, every origin kept."""

from territory.survey.resolve.model import (
    FIELDS,
    SOURCES,
    Decision,
    Origin,
    Resolution,
    ResolveParams,
    origin_at,
)
from territory.survey.resolve.resolution import resolve

__all__ = [
    "FIELDS",
    "SOURCES",
    "Decision",
    "Origin",
    "Resolution",
    "ResolveParams",
    "origin_at",
    "resolve",
]
