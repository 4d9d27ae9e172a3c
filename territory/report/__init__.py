"""The weekly report: one week per jurisdiction, with the lists behind the figures."""

from territory.report.weekly import weekly

__all__ = ["weekly"]
