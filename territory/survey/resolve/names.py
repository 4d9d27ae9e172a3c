"""Names made comparable: one spelling of case, accents, legal forms and abbreviations."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from territory.survey.resolve.words import (
    ADDRESS_ABBREVIATIONS,
    JOINTS,
    LEGAL_FORMS,
    NAME_ABBREVIATIONS,
)

MOST_CHARACTERS = 120
"""A name is compared up to this length; what is longer is a description."""

COMMON_SHARE = 0.004
"""A word in more than this share of the records says what a company is, not which."""

LEAST_COMMON = 8
"""A word in fewer records than this is never common."""

_DOTTED = re.compile(r"\b(\w)[./](?=\w\b)")  # "S.A." and "A/S" are one word each
_APART = re.compile(r"[^\w]+|_+")
_STREET_END = re.compile(r"(?<=\w{3})str\b")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Names:
    """Texts of a column in comparable form; a row is a distinct text, ``code`` its records.

    ``plain`` is the whole name, ``tokens`` the same words in alphabetical order, ``core`` those of
    its words that are not common, in order (all of them if every one is). ``key`` numbers equal
    ``tokens``; -1 where nothing is left to compare. ``signature`` has one bit per pair of
    neighbouring letters of the core, in two words of 64.
    """

    code: NDArray[np.int32]
    plain: NDArray[np.object_]
    tokens: NDArray[np.object_]
    core: NDArray[np.object_]
    key: NDArray[np.int32]
    core_key: NDArray[np.int32]
    signature: NDArray[np.uint64]
    bits: NDArray[np.uint8]


def comparable_names(texts: pd.Series) -> Names:
    """The names of records; equal texts are worked on once."""
    codes, distinct = pd.factorize(texts)
    counts = np.bincount(codes, minlength=len(distinct)) if len(codes) else np.zeros(0, np.intp)
    words = [name_words(text) for text in distinct.to_numpy(dtype=object).tolist()]
    seen: Counter[str] = Counter()
    for parts, count in zip(words, counts.tolist(), strict=True):
        for word in set(parts):
            seen[word] += count
    limit = max(LEAST_COMMON, COMMON_SHARE * len(codes))
    common = {word for word, count in seen.items() if count > limit}
    core = [" ".join([w for w in parts if w not in common] or parts) for parts in words]
    tokens = _objects(" ".join(sorted(parts)) for parts in words)
    signature, bits = _signatures(core)
    return Names(
        code=codes.astype(np.int32),
        plain=_objects(" ".join(parts) for parts in words),
        tokens=tokens,
        core=_objects(core),
        key=_keys(tokens),
        core_key=_keys(_objects(" ".join(sorted(set(text.split()))) for text in core)),
        signature=signature,
        bits=bits,
    )


def name_keys(texts: pd.Series) -> NDArray[np.int32]:
    """Equal numbers for texts of the same words in any order, -1 where there are none."""
    codes, distinct = pd.factorize(texts)
    words = [name_words(text) for text in distinct.to_numpy(dtype=object).tolist()]
    keys = _keys(_objects(" ".join(sorted(parts)) for parts in words))
    return keys[codes] if len(codes) else np.zeros(0, dtype=np.int32)


def name_words(text: str) -> list[str]:
    """The words of a name in comparable spelling; legal forms go unless nothing else is there."""
    words = _words(text, NAME_ABBREVIATIONS)
    telling = [word for word in words if word not in LEGAL_FORMS and word not in JOINTS]
    return telling or words


def street_and_number(text: str) -> tuple[str, str]:
    """An address as its words without numbers, in order, and the first number with its letter."""
    folded = _STREET_END.sub("strasse", _fold(text))
    words = [ADDRESS_ABBREVIATIONS.get(word, word) for word in _APART.split(folded) if word]
    number = next((word for word in words if word[0].isdigit()), "")
    return " ".join(word for word in words if not word[0].isdigit()), number


def _words(text: str, abbreviations: Mapping[str, str]) -> list[str]:
    folded = _fold(text)
    if "." in folded or "/" in folded:
        folded = _DOTTED.sub(r"\1", folded)
    folded = folded.replace("'", "").replace("’", "")
    words = [word for word in _APART.split(folded) if word]
    return [abbreviations.get(word, word) for word in words]


def _fold(text: str) -> str:
    text = text[:MOST_CHARACTERS]
    if text.isascii():
        return text.lower()
    spread = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in spread if not unicodedata.combining(letter))


def _objects(values: Iterable[str]) -> NDArray[np.object_]:
    listed = list(values)
    array = np.empty(len(listed), dtype=object)
    array[:] = listed
    return array


def _keys(texts: NDArray[np.object_]) -> NDArray[np.int32]:
    codes, _ = pd.factorize(texts)
    keys = codes.astype(np.int32)
    keys[np.asarray(texts == "", dtype=bool)] = -1
    return keys


def _signatures(texts: list[str]) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    """Bits of letter pairs, (n, 2), and how many are set; a space stands at both ends."""
    encoded = [f" {text} ".encode("utf-8", "replace") for text in texts]
    signature = np.zeros((len(texts), 2), dtype=np.uint64)
    if not texts:
        return signature, np.zeros(0, dtype=np.uint8)
    lengths = np.fromiter(map(len, encoded), dtype=np.int64, count=len(encoded))
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    letters = np.frombuffer(b"".join(encoded) + b" ", dtype=np.uint8).astype(np.uint32)
    mixed = (letters[:-1] * np.uint32(2654435761) + letters[1:] * np.uint32(40503)) >> np.uint32(9)
    place = (mixed * np.uint32(2246822519)) >> np.uint32(25)  # 0 to 127
    for half in (0, 1):
        bit = np.where(place // 64 == half, np.uint64(1) << (place % 64).astype(np.uint64), 0)
        bit = bit.astype(np.uint64)
        bit[starts + lengths - 1] = 0  # the pair across two names
        signature[:, half] = np.bitwise_or.reduceat(bit, starts)
    signature[np.array([not text for text in texts])] = 0
    return signature, np.bitwise_count(signature).sum(axis=1).astype(np.uint8)
