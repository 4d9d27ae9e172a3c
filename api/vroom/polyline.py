"""Encoded polylines: coordinates as text, five decimals, in the format map clients read."""

from collections.abc import Iterable, Iterator


def encode_polyline(lonlat: Iterable[tuple[float, float]]) -> str:
    """Points (lon, lat) as an encoded polyline, which holds lat before lon."""
    return "".join(_encoded(lonlat))


def _encoded(lonlat: Iterable[tuple[float, float]]) -> Iterator[str]:
    before = (0, 0)
    for lon, lat in lonlat:
        here = (round(lat * 1e5), round(lon * 1e5))
        yield _number(here[0] - before[0])
        yield _number(here[1] - before[1])
        before = here


def _number(value: int) -> str:
    rest = ~(value << 1) if value < 0 else value << 1
    letters = []
    while rest >= 0x20:
        letters.append(chr((0x20 | (rest & 0x1F)) + 63))
        rest >>= 5
    letters.append(chr(rest + 63))
    return "".join(letters)
