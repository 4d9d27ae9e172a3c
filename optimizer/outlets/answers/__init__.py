"""What a planner asks of an outlet plan: what if, what instead, how sure, who takes from whom."""

from optimizer.outlets.answers.alternatives import alternatives
from optimizer.outlets.answers.desk import Desk, WhatIf
from optimizer.outlets.answers.paybacks import paybacks
from optimizer.outlets.answers.robustness import Draws, Robustness, robustness
from optimizer.outlets.answers.transfers import transfers
from optimizer.outlets.answers.what_ifs import what_ifs

__all__ = [
    "Desk",
    "Draws",
    "Robustness",
    "WhatIf",
    "alternatives",
    "paybacks",
    "robustness",
    "transfers",
    "what_ifs",
]
