"""What every benchmark shares: its arguments, its rows, how time and memory are measured.

A benchmark is a module ``benchmarks/NAME.py`` with ``def runs(args: BenchArgs) -> Iterator[Run]``.
It yields one ``Run`` per instance, engine, budget and seed, ours and the peers' alike. A row's
objective is recomputed by the judge from the decision, never taken from the engine that made it.
"""

import json
import math
import multiprocessing
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

import psutil

from benchmarks.shared import guess_format, shared_path

BENCHES = ("travel", "score", "redraw", "visits", "outlets")
"""Every benchmark by name."""

Answer = TypeVar("Answer")
Scalar = None | bool | int | float | str


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchArgs:
    """What was asked for on the command line; a module fills in its own default where empty.

    ``names`` empty means the module's short default, ("all",) every instance of the set.
    ``seconds`` are wall budgets, each giving its own rows. ``seeds`` is how many seeds, 1 to K.
    """

    bench: str
    set_folder: Path | None = None
    format: str = ""
    names: tuple[str, ...] = ()
    params: Mapping[str, str] = field(default_factory=dict)
    seconds: tuple[float, ...] = ()
    seeds: int = 1
    with_peers: bool = True

    def budgets(self, *default: float) -> tuple[float, ...]:
        """The wall budgets in seconds, or the module's own."""
        return self.seconds or default

    def seed_numbers(self) -> range:
        """The seeds to run: 1 to K."""
        return range(1, self.seeds + 1)

    def folder(self, *default: str) -> Path:
        """The folder of instances: ``--set``, else this place in the shared data.

        A relative ``--set`` that does not exist here is looked for in the shared data.
        """
        if self.set_folder is None:
            return shared_path(*default)
        if self.set_folder.exists():
            return self.set_folder
        return shared_path("instances", self.bench, *self.set_folder.parts)

    def format_of(self, folder: Path) -> str:
        """The format of that folder: ``--format``, else guessed."""
        return self.format or guess_format(folder)

    def chosen(self, available: Sequence[str], *default: str) -> tuple[str, ...]:
        """The instances to run, in the order asked for; ``all`` gives every one.

        Raises
        ------
        InputError
            If a name is not among those available.
        """
        from territory.errors import InputError

        if self.names == ("all",):
            return tuple(available)
        wanted = self.names or default or tuple(available[:1])
        unknown = [name for name in wanted if name not in available]
        if unknown:
            known = ", ".join(available[:30])
            raise InputError(
                f"No instance is named {', '.join(unknown)}.", fix=f"There are: {known}."
            )
        return wanted

    def number(self, name: str, default: float) -> float:
        """One numeric parameter of ``--params``."""
        return float(self.params.get(name, default))

    def numbers(self, name: str, *default: float) -> tuple[float, ...]:
        """A parameter that may be several numbers joined by "+": ``p=5+10+20``."""
        text = self.params.get(name)
        return tuple(float(part) for part in text.split("+")) if text else default

    def has_peer(self, package: str, module: str = "") -> bool:
        """Whether a peer is to be measured; one that is not installed is named on stderr."""
        if not self.with_peers:
            return False
        if find_spec(module or package) is not None:
            return True
        if package not in _absent_said:
            _absent_said.add(package)
            tell(f"{self.bench}: peer {package} is not installed and was left out")
        return False


_absent_said: set[str] = set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One row of a benchmark.

    ``work`` is the instance with its parameters, ``engine`` "fieldwright" or the peer's package
    name. ``wall_seconds`` leaves out imports and a warm-up (``extra["compile_seconds"]`` tells the
    latter). ``peak_mb`` is the resident memory of the whole process at its highest while it ran,
    libraries included. ``gap_percent`` is to ``best_known``, ``bound_gap_percent`` to the engine's
    own proven bound; None where there is none. ``violations`` counts what the judge found.
    """

    bench: str
    work: str
    engine: str
    seed: int
    threads: int
    wall_seconds: float
    peak_mb: float
    objective: float | None = None
    best_known: float | None = None
    gap_percent: float | None = None
    bound_gap_percent: float | None = None
    violations: int = 0
    extra: Mapping[str, Scalar] = field(default_factory=dict)

    def as_json(self) -> str:
        """The row as one line of JSON; a figure that is not finite becomes null."""
        return json.dumps({key: _plain(value) for key, value in asdict(self).items()})


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    item = getattr(value, "item", None)  # numpy scalars
    if callable(item):
        value = item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def gap_percent(
    objective: float | None, reference: float | None, *, maximise: bool = False
) -> float | None:
    """How much worse than the reference, in percent of it; negative if better, None if unknown."""
    if objective is None or reference is None:
        return None
    worse = reference - objective if maximise else objective - reference
    if reference == 0:
        return 0.0 if worse == 0 else None
    return 100 * worse / abs(reference)


def measured(work: Callable[[], Answer]) -> tuple[Answer, float, float]:
    """What ``work`` gives, its wall seconds, and the peak resident memory in MB while it ran.

    Memory is the kernel's high-water mark, reset before, where the kernel keeps one (Linux), else
    the highest of samples every 20 ms; the memory of child processes is sampled and added.
    """
    is_reset = _reset_high_water()
    sampler = _MemorySampler()
    sampler.start()
    started = time.perf_counter()
    try:
        answer = work()
    finally:
        wall_seconds = time.perf_counter() - started
        sampler.finish()
    peak = max(sampler.peak_bytes, _high_water_bytes() if is_reset else 0)
    return answer, wall_seconds, peak / 1e6


def measured_apart(work: Callable[..., Answer], *arguments: object) -> tuple[Answer, float, float]:
    """As ``measured``, in a fresh process, for peers that cannot share one with ours.

    ``work`` and the arguments must be picklable, so ``work`` stands at the top of a module. Imports
    and start-up of the process are outside the time as long as ``work`` imports nothing itself; if
    it must, it warms itself by the optional attribute ``work.warm_up``.
    """
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        answer, wall_seconds, peak_mb = pool.apply(_measure_here, (work, arguments))
    return answer, wall_seconds, peak_mb


def _measure_here(
    work: Callable[..., Answer], arguments: tuple[object, ...]
) -> tuple[Answer, float, float]:
    warm_up = getattr(work, "warm_up", None)
    if callable(warm_up):
        warm_up()
    return measured(lambda: work(*arguments))


class _MemorySampler(threading.Thread):
    """Looks at the memory of this process and its children every 20 ms."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak_bytes = 0
        self._process = psutil.Process()
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.is_set():
            self._look()
            self._ended.wait(0.02)

    def finish(self) -> None:
        self._look()
        self._ended.set()
        self.join()

    def _look(self) -> None:
        total = self._process.memory_info().rss
        for child in self._process.children(recursive=True):
            try:
                total += child.memory_info().rss
            except psutil.NoSuchProcess:  # it ended between the two looks
                continue
        self.peak_bytes = max(self.peak_bytes, total)


def _reset_high_water() -> bool:
    """Reset the kernel's high-water mark of resident memory; False where it keeps none."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return False
    return True


def _high_water_bytes() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def tell(message: str) -> None:
    """A word to the person who runs the benchmarks, on stderr, away from the rows."""
    print(message, file=sys.stderr, flush=True)
