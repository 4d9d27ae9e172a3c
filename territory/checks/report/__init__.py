"""The judge of weekly reports: recounts every figure from the market's rows, on its own."""

from territory.checks.report.check import check_report
from territory.checks.report.facts import ReportFacts, facts_of

__all__ = ["ReportFacts", "check_report", "facts_of"]
