"""The judge: recomputes every figure of a plan from the facts, and shares no code with solvers."""

from territory.checks.alignment import check_alignment
from territory.checks.figures import (
    AlignmentFacts,
    DriveFacts,
    alignment_figures,
    owner_positions,
)
from territory.checks.fleet import check_fleet
from territory.checks.gap_facts import GapFacts
from territory.checks.gaps import check_gaps
from territory.checks.given_routes import check_given
from territory.checks.living import check_replan
from territory.checks.networks import OutletFacts, best_by_enumeration, captured
from territory.checks.outlets import check_outlets
from territory.checks.report import ReportFacts, check_report
from territory.checks.score import ScoreFacts, check_score
from territory.checks.violation import CODES, Violation
from territory.checks.visits import VisitFacts, check_visits

__all__ = [
    "CODES",
    "AlignmentFacts",
    "DriveFacts",
    "GapFacts",
    "OutletFacts",
    "ReportFacts",
    "ScoreFacts",
    "Violation",
    "VisitFacts",
    "alignment_figures",
    "best_by_enumeration",
    "captured",
    "check_alignment",
    "check_fleet",
    "check_gaps",
    "check_given",
    "check_outlets",
    "check_replan",
    "check_report",
    "check_score",
    "check_visits",
    "owner_positions",
]
