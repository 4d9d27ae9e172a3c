"""Telephone numbers made comparable: national digits, however the country was written."""

import re
from collections import Counter

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FEWEST_DIGITS = 5
MOST_SHARING = 8
"""A number in more records than this is a switchboard and tells nobody apart."""

_FIRST_OF_LIST = re.compile("[;,]")
_NO_DIGITS = bytes(code for code in range(128) if not 48 <= code <= 57)
_ONE_DIGIT = ("1", "7")
_TWO_DIGITS = frozenset(
    str(code)
    for first, last in ((20, 20), (27, 27), (30, 34), (36, 36), (39, 41), (43, 49), (51, 58),
                        (60, 66), (81, 82), (84, 84), (86, 86), (90, 95), (98, 98))
    for code in range(first, last + 1)
)  # fmt: skip


def phone_keys(texts: pd.Series) -> NDArray[np.int64]:
    """A number per record: its last nine national digits, 0 where there is no usable number.

    "+358 9 39351", "00358-9-39351", "(09) 39351" and, where most numbers of the market begin with
    +358, "358939351" are one number. The first number of a list counts. Extensions are kept.
    """
    codes, distinct = pd.factorize(texts)
    parts = [_parts(text) for text in distinct.to_numpy(dtype=object).tolist()]
    home = _home_country(parts)
    keys = np.array([_key(country, digits, home) for country, digits in parts], dtype=np.int64)
    found = keys[codes] if len(codes) else np.zeros(0, dtype=np.int64)
    return np.where(_sharing(found) > MOST_SHARING, 0, found)


def _parts(text: str) -> tuple[str, str]:
    """The country calling code if it is written as one, and the other digits."""
    text = _FIRST_OF_LIST.split(text[:60], maxsplit=1)[0] if ";" in text or "," in text else text
    digits = text[:40].encode("ascii", "ignore").translate(None, _NO_DIGITS).decode()
    if text.lstrip().startswith("+"):
        international = digits
    elif digits.startswith("00"):
        international = digits[2:]
    else:
        return "", digits
    size = 1 if international[:1] in _ONE_DIGIT else 2 if international[:2] in _TWO_DIGITS else 3
    return international[:size], international[size:]


def _home_country(parts: list[tuple[str, str]]) -> str:
    """The country most numbers are written with, "" if none is."""
    named = Counter(country for country, _ in parts if country)
    return max(sorted(named), key=named.__getitem__) if named else ""


def _key(country: str, digits: str, home: str) -> int:
    if not country and home and digits.startswith(home) and len(digits) >= len(home) + 6:
        digits = digits[len(home) :]
    national = digits.lstrip("0")
    return int(national[-9:]) if len(national) >= FEWEST_DIGITS else 0


def _sharing(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many records have each record's number."""
    _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    shared = np.asarray(counts[inverse], dtype=np.int64)
    return np.where(keys == 0, 0, shared)
