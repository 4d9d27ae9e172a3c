"""A market's own travel times, as factors on those of its road network."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from territory.errors import Fault, InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeErrors:
    """How told times stand to observed ones: quantiles of told / observed, mean absolute error."""

    median_ratio: float
    p5_ratio: float
    p95_ratio: float
    mape_percent: float

    def __str__(self) -> str:
        return (
            f"{self.mape_percent:.1f} % off on average, told/observed {self.median_ratio:.2f} "
            f"({self.p5_ratio:.2f} to {self.p95_ratio:.2f})"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeCalibration:
    """Factors on the time of each road class and on what turns cost, above 0.

    A class that is not named keeps its time. ``trips`` observed drives stand behind the factors,
    ``left_out`` more could not be used. ``before`` tells the errors of the network's own times,
    ``after`` those with factors fitted without the trips they are held against (cross-validated);
    both None where nothing was fitted.
    """

    class_factors: Mapping[str, float] = field(default_factory=dict)
    turn_factor: float = 1.0
    trips: int = 0
    left_out: int = 0
    before: TimeErrors | None = None
    after: TimeErrors | None = None

    def __post_init__(self) -> None:
        for name, factor in (*self.class_factors.items(), ("turns", self.turn_factor)):
            if not (math.isfinite(factor) and factor >= 0) or (factor == 0 and name != "turns"):
                raise ValueError(f"the factor {factor!r} of {name} is not a number above 0")

    @property
    def is_neutral(self) -> bool:
        """Whether it leaves every time as it is."""
        return self.turn_factor == 1 and all(value == 1 for value in self.class_factors.values())

    @property
    def content_hash(self) -> str:
        """Equal exactly for calibrations with the same factors."""
        said = (sorted(self.class_factors.items()), self.turn_factor)
        return hashlib.sha256(repr(said).encode()).hexdigest()[:24]

    def as_json(self) -> str:
        """As text that ``from_json`` reads again."""
        return json.dumps({**asdict(self), "class_factors": dict(self.class_factors)}, indent=1)

    @classmethod
    def from_json(cls, text: str) -> "TimeCalibration":
        """The calibration in a text.

        Raises
        ------
        InputError
            If the text is no calibration.
        """
        try:
            said: dict[str, Any] = json.loads(text)
            errors = {
                name: None if said[name] is None else TimeErrors(**said[name])
                for name in ("before", "after")
            }
            factors = {str(name): float(value) for name, value in said["class_factors"].items()}
            return cls(**{**said, **errors, "class_factors": factors})
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            fault = Fault(expected="a calibration as this version writes it")
            raise InputError(
                f"The kept calibration cannot be used: {error}.", [fault], fix="Calibrate again."
            ) from error
