"""Turn restrictions as OpenStreetMap tells them: relations of a from, a via and a to.

Meanings follow the OpenStreetMap wiki (Relation:restriction). One that holds only at certain hours
is left out, since a plan is made for any hour.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from territory.travel import Mode

Member = tuple[str, str, int]
"""Type ("n", "w" or "r"), role and id of a member of a relation."""

KINDS: Final = frozenset(
    [f"no_{turn}" for turn in ("left_turn", "right_turn", "straight_on", "u_turn")]
    + [f"only_{turn}" for turn in ("left_turn", "right_turn", "straight_on", "u_turn")]
    + ["no_entry", "no_exit"]
)
_SCOPES: Final[Mapping[Mode, tuple[str, ...]]] = MappingProxyType(
    {
        "car": ("motorcar", "motor_vehicle", "vehicle"),
        "bicycle": ("bicycle", "vehicle"),
        "foot": (),
    }
)
"""Whom a restriction or an exception must name to mean a mode, the most particular first."""

KEYS: Final = (
    "restriction",
    "restriction:conditional",
    *(
        f"restriction:{scope}{suffix}"
        for scope in ("motorcar", "motor_vehicle", "vehicle", "bicycle", "hgv", "bus", "foot")
        for suffix in ("", ":conditional")
    ),
)
"""The keys by which restrictions are found among all relations."""

ALWAYS: Final = frozenset(["24/7", "00:00-24:00", "Mo-Su 00:00-24:00", "Mo-Su"])
_HOURS: Final = ("day_on", "day_off", "hour_on", "hour_off")


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """From one of ``from_ways`` over the node or the ways between to one of ``to_ways``.

    ``kind`` is one of ``KINDS``. Either ``via_node`` is given or ``via_ways``, in driving order.
    """

    relation_id: int
    kind: str
    from_ways: tuple[int, ...]
    to_ways: tuple[int, ...]
    via_node: int | None = None
    via_ways: tuple[int, ...] = ()

    @property
    def is_only(self) -> bool:
        return self.kind.startswith("only_")


def read_restriction(
    relation_id: int, tags: Mapping[str, str], members: Iterable[Member], mode: Mode
) -> Restriction | str:
    """The restriction a relation lays on ``mode``, or the word for why it lays none."""
    kind, unused = _kind(tags, mode)
    if not kind:
        return unused
    excepted = {word.strip() for word in tags.get("except", "").split(";")}
    if excepted & set(_SCOPES[mode]):
        return "not for this mode"
    if kind not in KINDS:
        return "unknown kind"
    roles: dict[str, list[tuple[str, int]]] = {"from": [], "via": [], "to": []}
    for member_type, role, ref in members:
        if role in roles:
            roles[role].append((member_type, ref))
    return _complete(relation_id, kind, roles)


def _kind(tags: Mapping[str, str], mode: Mode) -> tuple[str, str]:
    """The kind that holds for a mode at every hour, or "" and why there is none."""
    scopes = _SCOPES[mode]
    keys = (*(f"restriction:{scope}" for scope in scopes), "restriction") if scopes else ()
    if any(key in tags for key in _HOURS):
        return "", "only at certain hours"
    for key in keys:
        if key in tags:
            return tags[key].strip(), ""
        kind, _, when = tags.get(f"{key}:conditional", "").partition("@")
        if when.strip(" ()") in ALWAYS:
            return kind.strip(), ""
        if kind:
            return "", "only at certain hours"
    return "", "not for this mode"


def _complete(
    relation_id: int, kind: str, roles: Mapping[str, list[tuple[str, int]]]
) -> Restriction | str:
    nodes = [ref for member_type, ref in roles["via"] if member_type == "n"]
    ways = [ref for member_type, ref in roles["via"] if member_type == "w"]
    ends = roles["from"] + roles["to"]
    if not (roles["from"] and roles["to"]) or any(kind_ != "w" for kind_, _ in ends):
        return "incomplete"
    if len(nodes) + bool(ways) != 1:
        return "incomplete" if not roles["via"] else "unclear via"
    return Restriction(
        relation_id=relation_id,
        kind=kind,
        from_ways=tuple(ref for _, ref in roles["from"]),
        to_ways=tuple(ref for _, ref in roles["to"]),
        via_node=nodes[0] if nodes else None,
        via_ways=tuple(ways),
    )
