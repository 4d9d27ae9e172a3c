"""Plans and settings as JSON text and back, exactly; and the hash of a plan."""

import hashlib
import json
import math
from collections.abc import Hashable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, cast

import numpy as np
from pydantic import TypeAdapter

from territory.alignment import AlignmentPlan
from territory.market import MarketSettings
from territory.outlets import GapPlan, OutletPlan
from territory.plans import PlanKind, Provenance, WorkDone
from territory.routes import VisitPlan
from territory.scores import ScorePlan
from territory.weekly import WeeklyReport

Plan = ScorePlan | AlignmentPlan | VisitPlan | OutletPlan | GapPlan | WeeklyReport

PLAN_TYPES: Mapping[PlanKind, type[Plan]] = {
    "score": ScorePlan,
    "alignment": AlignmentPlan,
    "visits": VisitPlan,
    "outlets": OutletPlan,
    "gaps": GapPlan,
    "report": WeeklyReport,
}

_NOT_FINITE = "float"
"""JSON has no NaN or infinity: they are written {"float": "nan"}, so that text stays text."""


def kind_of(plan: Plan) -> PlanKind:
    """Which kind of plan a value is."""
    return next(kind for kind, type_ in PLAN_TYPES.items() if isinstance(plan, type_))


def encode_plan(plan: Plan) -> str:
    """A plan as JSON. Numbers have the type their field declares, whatever made them."""
    return _dumps(_normal(plan))


def decode_plan(kind: PlanKind, text: str) -> Plan:
    """The plan a text was made from, equal in every value.

    Raises
    ------
    pydantic.ValidationError
        If the text is not a plan of this kind.
    """
    return cast(Plan, _decode(PLAN_TYPES[kind], text))


def plan_hash(plan: Plan) -> str:
    """SHA-256 over a plan's kind and value: no clock, no id, so a rerun of equal work is equal."""
    return hash_of_encoded(kind_of(plan), encode_plan(plan))


def hash_of_encoded(kind: PlanKind, text: str) -> str:
    """The hash of a plan from its own encoding."""
    plain = json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(f"{kind}\n{plain}".encode()).hexdigest()


def encode_settings(settings: MarketSettings) -> str:
    """Market settings as JSON."""
    return _dumps(_normal(settings))


def decode_settings(text: str) -> MarketSettings:
    """Market settings from their JSON."""
    return cast(MarketSettings, _decode(MarketSettings, text))


def encode_provenance(provenance: Provenance) -> str:
    """A provenance as JSON."""
    return _dumps(_plain(provenance))


def decode_provenance(text: str) -> Provenance:
    """A provenance from its JSON; its parameters are JSON already and stay as they are."""
    found = json.loads(text, object_hook=_revive)
    work = _adapter(WorkDone).validate_python(found.pop("work"))
    return Provenance(**{**found, "work": work, "parents": tuple(found["parents"])})


@cache
def _adapter(type_: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(cast(type[Any], type_))


def _decode(type_: type[Any], text: str) -> object:
    return _adapter(cast(Hashable, type_)).validate_python(json.loads(text, object_hook=_revive))


def _normal(value: object) -> object:
    """A value in plain form after it went through its declared types: 1 in a float field is 1.0."""
    type_ = cast(Hashable, type(value))
    return _plain(_adapter(type_).validate_python(_plain(value, keeps_floats=True)))


def _dumps(plain: object) -> str:
    return json.dumps(plain, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _plain(value: object, *, keeps_floats: bool = False) -> object:
    """Only dicts, lists, texts, numbers, booleans and None."""
    if value is None or type(value) in (str, bool, int):
        return value
    if isinstance(value, float | np.floating):
        number = float(value)
        is_written = keeps_floats or math.isfinite(number)
        return number if is_written else {_NOT_FINITE: repr(number)}
    if isinstance(value, str | bool | np.bool_ | int | np.integer):
        return _plain_scalar(value)
    if is_dataclass(value):
        return {
            field.name: _plain(getattr(value, field.name), keeps_floats=keeps_floats)
            for field in fields(value)
        }
    if isinstance(value, Mapping):
        return {str(k): _plain(item, keeps_floats=keeps_floats) for k, item in value.items()}
    if isinstance(value, tuple | list | np.ndarray):
        return [_plain(item, keeps_floats=keeps_floats) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(_plain(item) for item in value)  # type: ignore[type-var]
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"a plan cannot hold {type(value).__name__} {value!r}")


def _plain_scalar(value: object) -> object:
    if isinstance(value, str):
        return str(value)
    return bool(value) if isinstance(value, bool | np.bool_) else int(value)  # type: ignore[call-overload]


def _revive(found: dict[str, Any]) -> object:
    if len(found) == 1 and _NOT_FINITE in found and isinstance(found[_NOT_FINITE], str):
        return float(found[_NOT_FINITE])
    return found
