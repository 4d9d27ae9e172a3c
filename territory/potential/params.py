"""The numbers a score depends on, each with its range and where its default comes from."""

from dataclasses import dataclass, fields

from territory.errors import Fault, InputError

_RANGES: dict[str, tuple[float, float]] = {
    "total_market": (1e-9, 1e18),
    "income_elasticity": (0.0, 3.0),
    "consumption_elasticity": (0.0, 3.0),
    "distance_decay": (0.0, 5.0),
    "distance_decay_swing": (0.0, 5.0),
    "attractiveness_elasticity": (0.0, 3.0),
    "elsewhere_minutes": (0.1, 600.0),
    "nearest_minutes": (0.01, 60.0),
    "minimum_reach": (0.0, 1.0),
    "fair_share": (0.0, 1.0),
    "least_variation": (0.0, 2.0),
    "fewest_in_group": (2, 10_000),
    "peers": (2, 10_000),
    "benchmark_percentile": (50.0, 100.0),
    "gap_share": (0.0, 1.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PotentialParams:
    """How potential is built up, reached, compared and split.

    total_market: known market in money a year that all potential sums to; None takes the survey's
        own consumption (chain ratio).
    income_elasticity, consumption_elasticity: exponents on the two levels of the build-up as the
        survey gives them, with its fitted elasticities in them already; 1 takes them whole.
    distance_decay, attractiveness_elasticity: Huff's exponents (Huff 1964; 1.5 to 2 is usual for
        time by road).
    distance_decay_swing: how far the decay may be off, at the ends of its 80 % interval.
    elsewhere_minutes: buying elsewhere pulls like one mean outlet at this distance.
    nearest_minutes: travel below this counts as this, since a doorstep is not infinitely near.
    minimum_reach: share that field sales reaches however far the outlets are.
    fair_share: reach where we have no outlet, and benchmark where nothing was ever sold: parity.
    least_variation: penetration between units is taken to vary by at least this share of its mean.
    fewest_in_group: a district of fewer units with potential is shrunk to the whole market.
    peers, benchmark_percentile: the benchmark is this percentile among so many like units.
    gap_share: share of a target that follows the gap when it is split (see ``split_targets``).

    Raises
    ------
    InputError
        If a value is out of its range; all of them are listed.
    """

    total_market: float | None = None
    income_elasticity: float = 1.0
    consumption_elasticity: float = 1.0
    distance_decay: float = 1.5
    distance_decay_swing: float = 0.375
    attractiveness_elasticity: float = 1.0
    elsewhere_minutes: float = 15.0
    nearest_minutes: float = 1.0
    minimum_reach: float = 0.2
    fair_share: float = 0.5
    least_variation: float = 0.3
    fewest_in_group: int = 8
    peers: int = 30
    benchmark_percentile: float = 75.0
    gap_share: float = 0.3

    def __post_init__(self) -> None:
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        faults = [
            Fault(column=name, value=repr(value), expected=f"{low:g} to {high:g}")
            for name, value in given.items()
            for low, high in (_RANGES[name],)
            if value is not None and not low <= value <= high
        ]
        if faults:
            raise InputError("These score parameters cannot be used.", faults)
