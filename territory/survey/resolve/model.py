"""What entity resolution takes and gives: parameters, decisions, and the resolution itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

import pandas as pd

from territory.errors import NotFound

SOURCES = ("yellow_pages", "history", "visit")
"""The survey's sources; an entity is named after its first record in this order."""

FIELDS = (
    "name",
    "place",
    "category",
    "size",
    "employees",
    "income",
    "consumption",
    "phone",
    "brand",
    "address",
)
"""What is merged field by field; "place" is longitude and latitude, always of one record."""

RELIABILITY: Mapping[str, float] = MappingProxyType(
    {"visit": 1.0, "yellow_pages": 0.7, "history": 0.5}
)
"""Weight of a source's word on the day it is said: seen on the spot, listed, remembered."""

RecordKey = tuple[str, str]
"""A source and the id that source gives the record."""

Verdict = Literal["same", "different"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person decided about two records. It wins over every score."""

    verdict: Verdict
    left: RecordKey
    right: RecordKey


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveParams:
    """How records are compared, joined and merged.

    Two records of one company stand within ``radius_meters``, or share a telephone number or,
    where one has no place, a name. They are joined from ``match_probability`` on; pairs between
    ``review_probability`` and ``sure_probability`` go to the review list. ``same_source_bits`` is
    the evidence asked for on top before two records of one source are taken for one company, as
    bits (10 bits: odds of 1,024 to 1). ``chain_bits`` are the odds, before distance and telephone
    speak, that two equally named shops of a chain are one. A fact's weight is the reliability of
    its source, halved every ``half_life_years``; a fact a model drew counts a hundredth.
    ``is_fitted`` lets the records themselves set the weights (expectation maximisation); without
    it the defaults stand.
    """

    radius_meters: float = 200.0
    match_probability: float = 0.6
    review_probability: float = 0.15
    sure_probability: float = 0.95
    same_source_bits: float = 6.0
    chain_bits: float = -1.0
    reliability: Mapping[str, float] = field(default_factory=lambda: RELIABILITY)
    half_life_years: float = 3.0
    is_fitted: bool = True

    def __post_init__(self) -> None:
        low, middle, high = self.review_probability, self.match_probability, self.sure_probability
        if not 0 < low <= middle <= high < 1:
            raise ValueError(f"0 < {low} <= {middle} <= {high} < 1 must hold for probabilities")
        if not (self.radius_meters > 0 and self.half_life_years > 0):
            raise ValueError("radius_meters and half_life_years must be positive")
        if any(weight <= 0 for weight in self.reliability.values()):
            raise ValueError("the reliability of a source must be positive")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where one merged field comes from."""

    field: str
    source: str
    source_record_id: str
    source_date: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Resolution:
    """Records of several sources as one fact per company.

    ``records`` are the given rows in canonical order (source, id), with ``company_id`` first.
    ``companies`` has one row per company in the columns of the companies table, ordered by id;
    rows without any place are in ``placeless`` instead. ``origins`` (index ``company_id``, a
    column per field) tells the row of ``records`` each field was taken from, -1 where none tells.
    ``pairs`` are all scored pairs (rows of ``records``, ``bits``, ``probability``, ``is_joined``),
    ``review`` the doubtful ones with their reasons in words, ``flags`` records whose place or
    figures are in doubt. ``notes`` say what was left out or could not be used.
    """

    records: pd.DataFrame
    companies: pd.DataFrame
    placeless: pd.DataFrame
    origins: pd.DataFrame
    pairs: pd.DataFrame
    review: pd.DataFrame
    flags: pd.DataFrame
    weights: pd.DataFrame
    notes: tuple[str, ...] = ()

    def origins_of(self, company_id: str) -> tuple[Origin, ...]:
        """Where each filled field of a company comes from.

        Raises
        ------
        NotFound
            If no company has this id.
        """
        if company_id not in self.origins.index:
            raise NotFound(f"No company {company_id[:80]!r} came out of the survey.")
        row = self.origins.loc[company_id].to_dict()
        return tuple(
            origin_at(self.records, name, int(row[name])) for name in FIELDS if row[name] >= 0
        )


def origin_at(records: pd.DataFrame, name: str, row: int) -> Origin:
    """The origin of a field that was taken from this row of the records."""
    record = records.iloc[row]
    day = record["source_date"]
    return Origin(
        field=name,
        source=str(record["source"]),
        source_record_id=str(record["source_record_id"]),
        source_date="" if pd.isna(day) else str(day),
    )
