"""Cities as the redraw benchmark reads them, put to the solver and to the judge alike."""

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from optimizer.redraw import RedrawProblem
from territory.checks import AlignmentFacts
from territory.errors import Fault, InputError
from territory.units.values import Neighbours

Floats = NDArray[np.float64]

ARRAYS = ("x", "y", "pot", "work", "indptr", "indices")
LOADS = ("potential", "workload")
BRIDGE_SPACINGS = 1.5  # neighbours further apart than this do not touch: a bridge joins them


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class City:
    """Units of one city: places in metres, loads (2, n) potential and workload, who borders whom.

    Every unit counts as a regular hexagon as wide as the median distance between neighbours.
    """

    name: str
    unit_ids: tuple[str, ...]
    xy_meters: Floats
    area_square_meters: Floats
    loads: Floats
    neighbours: Neighbours


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Question:
    """A city to be shared among ``executives``, each load within the tolerance of the mean."""

    city: City
    executives: int
    tolerance_percent: float

    @property
    def work(self) -> str:
        """What the row is called: ``city_20000 x100 tol5``."""
        return f"{self.city.name} x{self.executives} tol{self.tolerance_percent:g}"

    @property
    def executive_ids(self) -> tuple[str, ...]:
        """A name for each jurisdiction."""
        return tuple(f"E{number:04d}" for number in range(1, self.executives + 1))

    @property
    def summed_load(self) -> Floats:
        """One weight per unit for engines that take one: each load in jurisdictions, added up."""
        loads = self.city.loads
        means = loads.sum(axis=1, keepdims=True) / self.executives
        return np.asarray((loads / means).sum(axis=0), dtype=np.float64)

    def problem(self) -> RedrawProblem:
        """The question as our solver takes it."""
        city = self.city
        return RedrawProblem(
            unit_ids=city.unit_ids,
            xy_meters=city.xy_meters,
            area_square_meters=city.area_square_meters,
            neighbours=city.neighbours,
            load_names=LOADS,
            loads=city.loads,
            tolerance_percent=(self.tolerance_percent,) * len(LOADS),
            executive_ids=self.executive_ids,
        )

    def facts(self) -> AlignmentFacts:
        """The question as the judge takes it."""
        city = self.city
        return AlignmentFacts(
            unit_ids=city.unit_ids,
            executive_ids=self.executive_ids,
            neighbours=city.neighbours,
            xy_meters=city.xy_meters,
            area_square_meters=city.area_square_meters,
            load_names=LOADS,
            loads=city.loads,
            tolerance_percent=(self.tolerance_percent,) * len(LOADS),
        )


def read_city(path: Path) -> City:
    """A city of an ``.npz`` file: x, y in km, pot, work, CSR indptr and indices, cells if known.

    A city of a folder whose name ends in ``_hard`` is named so too.

    Raises
    ------
    InputError
        If the file is no such archive, or arrays are missing or do not fit one another.
    """
    arrays = _arrays(path)
    n = len(arrays["x"])
    faults = [
        Fault(file=path.name, column=name, value=str(arrays[name].shape), expected=f"{size} values")
        for name, size in {"y": n, "pot": n, "work": n, "indptr": n + 1}.items()
        if arrays[name].shape != (size,)
    ]
    indices, indptr = arrays["indices"], arrays["indptr"]
    if not faults and (indptr[-1] != len(indices) or not _are_within(indices, n)):
        faults = [Fault(file=path.name, column="indices", expected=f"positions of {n} units")]
    if faults:
        raise InputError("This is no city.", faults)
    hard = "_hard" if path.parent.name.endswith("_hard") else ""
    return city_of(f"{path.stem}{hard}", arrays)


def drawn_city(units: int, seed: int) -> City:
    """A city of ``cities.city_arrays``, named by its size and seed."""
    from benchmarks.cities import city_arrays

    return city_of(f"drawn_{units}_{seed}", city_arrays(units, seed))


def city_of(name: str, arrays: Mapping[str, NDArray[np.generic]]) -> City:
    """The city of these arrays, which fit one another."""
    indices, indptr = arrays["indices"], arrays["indptr"]
    n = len(arrays["x"])
    xy_meters = 1000 * np.column_stack([arrays["x"], arrays["y"]]).astype(np.float64)
    neighbours, area = _hexagons(xy_meters, indptr, indices)
    cells = arrays.get("cells", np.arange(n))
    return City(
        name=name,
        unit_ids=tuple(str(cell) for cell in cells.tolist()),
        xy_meters=xy_meters,
        area_square_meters=np.full(n, area),
        loads=np.array([arrays["pot"], arrays["work"]], dtype=np.float64),
        neighbours=neighbours,
    )


def _arrays(path: Path) -> dict[str, NDArray[np.generic]]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise InputError(f"{path.name} cannot be read as arrays: {error}") from error
    faults = [
        Fault(file=path.name, column=name, expected="an array of this name")
        for name in ARRAYS
        if name not in arrays
    ]
    if faults:
        raise InputError("This is no city.", faults)
    return arrays


def _are_within(indices: NDArray[np.generic], n: int) -> bool:
    return bool(((indices >= 0) & (indices < n)).all())  # type: ignore[operator]


def _hexagons(
    xy_meters: Floats, indptr: NDArray[np.generic], indices: NDArray[np.generic]
) -> tuple[Neighbours, float]:
    """Neighbours with the border they share, and the area of each unit in square metres."""
    starts, others = indptr.astype(np.int32), indices.astype(np.int32)
    ends = np.repeat(np.arange(len(xy_meters)), np.diff(starts))
    away = np.hypot(*(xy_meters[ends] - xy_meters[others]).T)
    spacing = float(np.median(away)) if len(away) else 1.0
    side = spacing / np.sqrt(3)
    borders = np.where(away <= BRIDGE_SPACINGS * spacing, side, 0.0)
    neighbours = Neighbours(indptr=starts, indices=others, border_meters=borders)
    return neighbours, float(1.5 * np.sqrt(3) * side**2)


TOY_TOLERANCE_PERCENT = 5.0


def toy_question(side: int = 12, executives: int = 4) -> Question:
    """A square city of four neighbours a unit, with loads drawn by a fixed seed."""
    random = np.random.default_rng(0)
    units = np.arange(side * side).reshape(side, side)
    pairs = np.vstack(
        [
            np.column_stack([units[:, :-1].ravel(), units[:, 1:].ravel()]),
            np.column_stack([units[:-1].ravel(), units[1:].ravel()]),
        ]
    )
    both = np.vstack([pairs, pairs[:, ::-1]])
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    counts = np.bincount(both[:, 0], minlength=side * side)
    rows, columns = np.divmod(units.ravel(), side)
    return Question(
        city=City(
            name="toy",
            unit_ids=tuple(f"u{unit}" for unit in units.ravel().tolist()),
            xy_meters=1000.0 * np.column_stack([columns, rows]),
            area_square_meters=np.full(side * side, 1e6),
            loads=random.uniform(1, 3, (2, side * side)),
            neighbours=Neighbours(
                indptr=np.concatenate([[0], counts.cumsum()]).astype(np.int32),
                indices=both[:, 1].astype(np.int32),
                border_meters=np.full(len(both), 1000.0),
            ),
        ),
        executives=executives,
        tolerance_percent=TOY_TOLERANCE_PERCENT,
    )
