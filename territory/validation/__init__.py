"""Validation: does a score foretell sales it has not seen, in other places and in later days?"""

from territory.validation.blocks import spatial_blocks
from territory.validation.measures import Accuracy, accuracy, morans_i
from territory.validation.report import Evidence, Forecast, Trial, Validation, validate

__all__ = [
    "Accuracy",
    "Evidence",
    "Forecast",
    "Trial",
    "Validation",
    "accuracy",
    "morans_i",
    "spatial_blocks",
    "validate",
]
