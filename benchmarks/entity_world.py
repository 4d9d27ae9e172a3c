"""Planted truth for entity resolution: corrupted copies of real places, and a million like them.

A place becomes the record of one survey source. Then, by seeded draws: 30 % are repeated by another
source, of these 40 % with typos or abbreviations, 30 % moved 20 to 150 m, 40 % without telephone,
20 % without brand; and for 10 % another shop of the same chain stands within 300 m. Telephones that
the places lack are made up. Every repeated record's place is off by a few metres, as by another
survey. Nothing here knows how records are resolved, and the resolver cannot import it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.random import Generator
from numpy.typing import NDArray

METERS_PER_DEGREE = 111_320.0
SOURCES = ("yellow_pages", "visit", "history")
FIRST_DAY = date(2021, 1, 1)
DAYS = 2_000
JITTER_METERS = 4.0
LEAST_SHOP_METERS = 12.0
TWIN_METERS = 60.0

CITIES = {
    "helsinki": ("helsinki", "companies.csv"),
    "malta": ("malta", "companies.csv"),
    "liechtenstein": ("tiny", "liechtenstein", "companies.csv"),
}
"""Real places by city, as parts of a path below the shared geodata."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corruption:
    """Shares of what goes wrong; those from ``typo`` on are of the repeated records."""

    repeated: float = 0.30
    chain: float = 0.10
    typo: float = 0.40
    moved: float = 0.30
    without_phone: float = 0.40
    without_brand: float = 0.20
    other_category: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class World:
    """Source records and, row by row, the number of the company they are of."""

    records: pd.DataFrame
    truth: NDArray[np.int64]


def read_places(path: Path) -> pd.DataFrame:
    """Places of a city: name, brand, category, phone, address, lon, lat."""
    raw = pd.read_csv(path, dtype=str, keep_default_na=False)
    return pd.DataFrame(
        {
            "name": raw["name"],
            "brand": raw["brand"],
            "category": raw["kind"],
            "phone": raw["phone"],
            "address": raw["street"],
            "lon": raw["lon"].astype(float),
            "lat": raw["lat"].astype(float),
        }
    )


def distinct_places(places: pd.DataFrame) -> pd.DataFrame:
    """The places without those that are drawn twice: the same name, or the same telephone and a
    word of the name in common, within 60 m. Maps hold a company as a point and as an outline; kept
    as two companies they would make the planted truth untrue.
    """
    from scipy.spatial import cKDTree

    lat = places["lat"].to_numpy()
    stretch = METERS_PER_DEGREE * np.cos(np.radians(lat.mean()))
    tree = cKDTree(np.column_stack([places["lon"] * stretch, lat * METERS_PER_DEGREE]))
    names = [frozenset(name.casefold().split()) for name in places["name"]]
    phones = ["".join(filter(str.isdigit, phone))[-7:] for phone in places["phone"]]
    twins = {
        other
        for one, other in sorted(tree.query_pairs(TWIN_METERS))
        if (names[one] and names[one] == names[other])
        or (phones[one] and phones[one] == phones[other] and names[one] & names[other])
    }
    return places.drop(index=places.index[sorted(twins)]).reset_index(drop=True)


def corrupted(places: pd.DataFrame, *, seed: int, corruption: Corruption | None = None) -> World:
    """The corrupted copy of these places."""
    shares = corruption or Corruption()
    random = np.random.default_rng(seed)
    count = len(places)
    real = places.assign(truth=np.arange(count))
    real["phone"] = _phones(real["phone"], random)
    is_chain = (random.random(count) < shares.chain) & (real["name"] != "").to_numpy()
    is_chain |= real["name"].duplicated(keep=False).to_numpy() & (real["name"] != "").to_numpy()
    real["brand"] = real["brand"].where((real["brand"] != "") | ~is_chain, real["name"])
    shops = _other_shops(real, shares.chain, random, first=count)
    companies = pd.concat([real, shops], ignore_index=True)
    companies["source"] = random.choice(SOURCES, len(companies), p=[0.5, 0.25, 0.25])
    repeated = _repeated(companies, shares, random)
    records = pd.concat([companies, repeated], ignore_index=True)
    days = random.integers(0, DAYS, len(records))
    records["source_date"] = [FIRST_DAY + timedelta(days=int(day)) for day in days]
    records = records.iloc[random.permutation(len(records))].reset_index(drop=True)
    truth = records.pop("truth").to_numpy(dtype=np.int64)
    records["source_record_id"] = [f"{number:07d}" for number in random.permutation(len(records))]
    return World(records=records, truth=truth)


def _phones(given: pd.Series, random: Generator) -> pd.Series:
    """Telephones, those that lack made up."""
    drawn = random.choice(900_000_000, len(given), replace=False) + 40_000_000_0
    made = pd.Series([f"+358 {n // 10**6 % 1000} {n % 10**6:06d}" for n in drawn.tolist()])
    return given.where(given != "", made.set_axis(given.index))


def _other_shops(
    real: pd.DataFrame, share: float, random: Generator, *, first: int
) -> pd.DataFrame:
    """Other shops of the same chain within 300 m: own place, own telephone, own company."""
    named = np.flatnonzero((real["name"] != "").to_numpy())
    count = min(len(named), round(share * len(real)))
    chosen = np.sort(random.choice(named, count, replace=False))
    shops = real.iloc[chosen].reset_index(drop=True)
    shops["brand"] = shops["brand"].where(shops["brand"] != "", shops["name"])
    away = np.sqrt(random.uniform(LEAST_SHOP_METERS**2, 300.0**2, count))
    _move(shops, away, random)
    shops["phone"] = _phones(pd.Series([""] * count, dtype="str"), random)
    shops["truth"] = np.arange(first, first + count)
    return shops


def _repeated(companies: pd.DataFrame, shares: Corruption, random: Generator) -> pd.DataFrame:
    """Records of another source on the same companies, with what went wrong in them."""
    count = round(shares.repeated * len(companies))
    chosen = np.sort(random.choice(len(companies), count, replace=False))
    copy = companies.iloc[chosen].reset_index(drop=True)
    copy["source"] = [
        SOURCES[(SOURCES.index(source) + int(step)) % 3]
        for source, step in zip(copy["source"], random.integers(1, 3, count), strict=True)
    ]
    away = np.abs(random.normal(0, JITTER_METERS, count))
    is_moved = random.random(count) < shares.moved
    _move(copy, np.where(is_moved, random.uniform(20, 150, count), away), random)
    is_typed = random.random(count) < shares.typo
    copy["name"] = [
        misspelled(name, random) if wrong else name
        for name, wrong in zip(copy["name"], is_typed, strict=True)
    ]
    copy["phone"] = copy["phone"].where(random.random(count) >= shares.without_phone, "")
    copy["brand"] = copy["brand"].where(random.random(count) >= shares.without_brand, "")
    other = random.permutation(copy["category"].to_numpy(dtype=object))
    is_other = random.random(count) < shares.other_category
    copy["category"] = copy["category"].where(~is_other, pd.Series(other, dtype="str"))
    return copy


def _move(frame: pd.DataFrame, meters: NDArray[np.float64], random: Generator) -> None:
    angle = random.uniform(0, 2 * np.pi, len(frame))
    lat = frame["lat"].to_numpy(dtype=float)
    east = meters * np.cos(angle) / (METERS_PER_DEGREE * np.cos(np.radians(lat)))
    frame["lon"] = frame["lon"].to_numpy(dtype=float) + east
    frame["lat"] = lat + meters * np.sin(angle) / METERS_PER_DEGREE


def misspelled(name: str, random: Generator) -> str:
    """A name as another hand wrote it: one or two typos, or an abbreviation."""
    if not name:
        return name
    if random.random() < 0.6:
        for _ in range(1 + int(random.random() < 0.3)):
            name = _typo(name, random)
        return name
    chosen = _ABBREVIATIONS[int(random.integers(len(_ABBREVIATIONS)))]
    shorter = chosen(name, random)
    return shorter if shorter != name else _typo(name, random)


def _typo(name: str, random: Generator) -> str:
    at = int(random.integers(len(name)))
    letter = "abcdefghijklmnopqrstuvwxyz"[int(random.integers(26))]
    kind = int(random.integers(4))
    if kind == 0:
        return name[:at] + letter + name[at:]
    if kind == 1 and len(name) > 2:
        return name[:at] + name[at + 1 :]
    if kind == 2 and at + 1 < len(name):
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return name[:at] + letter + name[at + 1 :]


def _cut_word(name: str, random: Generator) -> str:
    """The longest word cut to its first three or four letters and a dot."""
    words = name.split()
    longest = max(range(len(words)), key=lambda place: len(words[place]))
    if len(words[longest]) > 6:
        words[longest] = words[longest][: 3 + int(random.integers(2))] + "."
    return " ".join(words)


def _without_vowels(name: str, random: Generator) -> str:
    """One longer word without its inner vowels: "Market" becomes "Mrkt"."""
    words = name.split()
    place = int(random.integers(len(words)))
    word = words[place]
    if len(word) > 5:
        inner = "".join(letter for letter in word[1:] if letter.lower() not in "aeiouyäöå")
        words[place] = word[0] + inner
    return " ".join(words)


def _without_last_word(name: str, _random: Generator) -> str:
    words = name.split()
    return " ".join(words[:-1]) if len(words) > 1 else name


def _with_legal_form(name: str, random: Generator) -> str:
    return f"{name} {('Ltd', 'Oy', 'GmbH', 'Co.', 'S.A.')[int(random.integers(5))]}"


def _joint(name: str, _random: Generator) -> str:
    return name.replace(" & ", " and ") if " & " in name else name.replace(" and ", " & ")


def _plain_capitals(name: str, _random: Generator) -> str:
    return name.upper()


_ABBREVIATIONS: tuple[Callable[[str, Generator], str], ...] = (
    _cut_word,
    _without_vowels,
    _without_last_word,
    _with_legal_form,
    _joint,
    _plain_capitals,
)


def many_places(cities: list[pd.DataFrame], count: int, *, seed: int) -> pd.DataFrame:
    """``count`` places: the cities laid side by side over and over, each time under other names.

    Words that a city uses once or twice are replaced, copy by copy, by made-up ones of the same
    length; common words, streets, categories and distances stay.
    """
    random = np.random.default_rng(seed)
    parts: list[pd.DataFrame] = []
    total = 0
    while total < count:
        number = len(parts)
        city = cities[number % len(cities)].copy()
        city["name"] = _renamed(city["name"], random)
        city["brand"] = ""
        city["phone"] = ""
        tile = number // len(cities)
        city["lon"] += 1.5 * (tile % 12) - city["lon"].mean() + 10
        city["lat"] += 1.0 * (tile // 12) + 0.5 * (number % len(cities)) - city["lat"].mean() + 40
        parts.append(city)
        total += len(city)
    return pd.concat(parts, ignore_index=True).iloc[:count]


def _renamed(names: pd.Series, random: Generator) -> pd.Series:
    words = [name.split() for name in names]
    counts = pd.Series([word for parts in words for word in parts]).value_counts()
    rare = counts[counts <= 2].index
    new = dict(zip(rare, _made_up([len(word) for word in rare], random), strict=True))
    return pd.Series([" ".join(new.get(w, w) for w in parts) for parts in words], dtype="str")


def _made_up(lengths: list[int], random: Generator) -> list[str]:
    """Words of these lengths out of open syllables."""
    consonants, vowels = "bdfghjklmnprstvz", "aeiou"
    picks = random.integers(0, 80, sum(lengths) + len(lengths)).tolist()
    words, at = [], 0
    for length in lengths:
        syllables = (length + 1) // 2
        chosen = picks[at : at + syllables]
        at += syllables
        word = "".join(consonants[pick % 16] + vowels[pick // 16] for pick in chosen)
        words.append(word[:length].capitalize())
    return words


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """How well records were resolved. Cluster figures count companies found exactly."""

    precision: float
    recall: float
    cluster_precision: float
    cluster_recall: float

    @property
    def f1(self) -> float:
        return _f1(self.precision, self.recall)

    @property
    def cluster_f1(self) -> float:
        return _f1(self.cluster_precision, self.cluster_recall)


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def quality(found: NDArray[np.int64], truth: NDArray[np.int64]) -> Quality:
    """Pairs and clusters of ``found`` against the truth; both number the company of each row."""
    both = pd.Series(found).groupby([found, truth]).size().to_numpy()
    ours, theirs = (np.unique(part, return_counts=True)[1] for part in (found, truth))
    agreed, said, true = (_pairs(sizes) for sizes in (both, ours, theirs))
    size_found = np.bincount(np.unique(found, return_inverse=True)[1])
    pairs = pd.DataFrame({"found": found, "truth": truth})
    block = pairs.groupby(["found", "truth"]).size().reset_index(name="n")
    found_sizes = pairs.groupby("found").size()
    truth_sizes = pairs.groupby("truth").size()
    is_exact = (block["n"] == block["found"].map(found_sizes)) & (
        block["n"] == block["truth"].map(truth_sizes)
    )
    exact = float(is_exact.sum())
    return Quality(
        precision=agreed / said if said else 1.0,
        recall=agreed / true if true else 1.0,
        cluster_precision=exact / max(len(size_found), 1),
        cluster_recall=exact / max(len(truth_sizes), 1),
    )


def _pairs(sizes: NDArray[np.int64]) -> float:
    return float((sizes * (sizes - 1) // 2).sum())
