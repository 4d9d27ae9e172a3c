"""The survey: market tables in, one row of facts per unit out."""

from territory.survey.facts import per_unit

__all__ = ["per_unit"]
