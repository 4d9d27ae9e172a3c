"""What countries lay down for their roads: the side driven on and the limits without a sign.

Facts of law, as collected on the OpenStreetMap wiki page "Default speed limits" (general limits for
cars in km/h; where parts of a country differ, the most usual). "trunk" is an expressway or other
road for motor vehicles only that is no motorway.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

_LEFT: Final = """
AG AU BB BD BM BN BS BT BW CY DM FJ FK GB GD GG GY HK ID IE IM IN JE JM JP KE KI KN KY LC LK LS MO
MS MT MU MV MW MY MZ NA NP NR NZ PG PK SB SC SG SH SR SZ TC TH TL TO TT TV TZ UG UK VC VG VI WS ZA
ZM ZW
"""
LEFT_HAND: Final = frozenset(_LEFT.split())
"""Countries (ISO 3166-1 alpha-2, and UK as tags have it) that drive on the left."""

MILE: Final = 1.609344
WALK_KMH: Final = 6.0
UNLIMITED_KMH: Final = 130.0
"""Taken where there is no limit: what is advised in Germany."""


@dataclass(frozen=True, slots=True)
class Limits:
    """A country's limits in km/h where no figure is signed."""

    urban: float
    rural: float
    trunk: float
    motorway: float
    living_street: float = 20.0

    def of(self, kind: str) -> float:
        """The limit of that name."""
        value: float = getattr(self, kind)
        return value


USUAL: Final = Limits(50, 90, 100, 120, 15)

_ROWS: Final = """
AD 50 90 90 90 20|AL 40 80 90 110 20|AM 60 90 90 110 20|AR 40 110 120 130 20|AT 50 100 100 130 10
AU 50 100 100 110 10|AZ 60 90 90 110 20|BA 50 80 100 130 10|BE 50 90 120 120 20
BG 50 90 120 140 20|BR 60 60 80 110 20|BY 60 90 90 110 20|CA 50 80 90 100 20|CH 50 80 100 120 20
CL 50 100 120 120 20|CN 50 70 80 120 20|CO 50 90 90 120 20|CR 50 60 90 100 20|CY 50 80 80 100 20
CZ 50 90 110 130 20|DE 50 100 100 130 10|DK 50 80 80 130 15|EC 50 90 90 100 20|EE 50 90 90 110 20
EG 60 90 90 100 20|ES 50 90 90 120 20|FI 50 80 80 120 20|FR 50 80 110 130 20|GE 60 90 110 110 20
GR 50 90 110 130 20|HR 50 90 110 130 10|HU 50 90 110 130 20|ID 50 80 80 100 20|IE 50 80 100 120 20
IL 50 80 90 110 30|IN 50 70 100 120 20|IS 50 80 90 90 15|IT 50 90 110 130 10|JP 60 60 60 100 20
KE 50 100 110 110 20|KR 50 80 90 100 20|KZ 60 100 110 140 20|LI 50 80 80 80 20|LT 50 90 120 130 20
LU 50 90 90 130 20|LV 50 90 90 100 20|MA 60 100 100 120 20|MC 50 50 50 50 20|MD 50 90 110 110 20
ME 50 80 100 130 10|MK 50 80 100 120 10|MT 50 80 80 80 20|MX 50 80 100 110 20|MY 60 90 90 110 20
NG 50 80 80 100 20|NL 50 80 100 100 15|NO 50 80 80 110 15|NZ 50 100 100 100 10|PE 50 90 90 100 20
PH 40 80 80 100 20|PL 50 90 120 140 20|PT 50 90 100 120 20|RO 50 90 100 130 20|RS 50 80 100 130 10
RU 60 90 110 110 20|SA 50 80 100 120 20|SE 50 70 70 110 10|SI 50 90 110 130 10|SK 50 90 130 130 20
SM 50 70 70 70 20|TH 60 90 90 120 20|TN 50 90 90 110 20|TR 50 90 110 120 20|TW 50 60 80 110 20
UA 50 90 110 130 20|UY 45 90 90 110 20|VN 50 80 80 120 20|XK 50 80 100 130 10|ZA 60 100 100 120 20
"""
_MILES: Final = """
GB 30 60 70 70 20|UK 30 60 70 70 20|US 30 55 60 65 20|PR 25 45 55 65 15
IM 30 60 60 70 20|GG 25 35 35 35 15|JE 20 40 40 40 15
"""


def _read(rows: str, factor: float) -> dict[str, Limits]:
    cells = (row.split() for line in rows.split("\n") for row in line.split("|") if row)
    return {cell[0]: Limits(*(float(text) * factor for text in cell[1:])) for cell in cells}


LIMITS: Final[Mapping[str, Limits]] = MappingProxyType(_read(_ROWS, 1.0) | _read(_MILES, MILE))


def limits_of(country: str) -> Limits:
    """The limits of a country (ISO 3166-1 alpha-2, any case); the usual ones where unknown."""
    return LIMITS.get(country.upper(), USUAL)
