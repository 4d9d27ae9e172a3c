"""Cities as the redraw benchmark reads them, put to the solver and to the judge alike."""

import zipfile
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
    xy_meters = 1000 * np.column_stack([arrays["x"], arrays["y"]]).astype(np.float64)
    neighbours, area = _hexagons(xy_meters, indptr, indices)
    cells = arrays.get("cells", np.arange(n))
    return City(
        name=f"{path.stem}_hard" if path.parent.name.endswith("_hard") else path.stem,
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
