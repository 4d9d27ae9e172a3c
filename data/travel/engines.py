"""Which engine answers, on which hour's graph: made once, shared between threads."""

import os
import threading
from dataclasses import dataclass, field
from typing import Literal

from data.roads import RoadNetwork
from data.travel.calibration import TimeCalibration
from data.travel.engine import DijkstraEngine, Engine, ScipyEngine
from data.travel.graph import TurnGraph, turn_graph
from data.travel.periods import arc_factor, known_period

EngineName = Literal["auto", "scipy", "dijkstra"]

COMPILE_WORTH = 20_000_000
"""From this many sources x states on, loading the compiled kernel pays."""


@dataclass(kw_only=True, eq=False)
class Engines:
    """The graphs of a network at each hour, and the engine for each piece of work."""

    network: RoadNetwork
    wanted: EngineName | Engine = "auto"
    calibration: TimeCalibration | None = None
    _graphs: dict[str, TurnGraph] = field(default_factory=dict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    @property
    def threads(self) -> int:
        """How many searches run at once."""
        return max(1, min(8, os.cpu_count() or 1))

    @property
    def calibration_text(self) -> str:
        """All that the calibration changes, for hashes; "" for nothing."""
        if self.calibration is None or self.calibration.is_neutral:
            return ""
        return self.calibration.content_hash

    def graph(self, period: str | None) -> TurnGraph:
        """The turn-expanded graph at an hour."""
        hour = known_period(period)
        with self._lock:
            if hour not in self._graphs:
                self._graphs[hour] = turn_graph(
                    self.network,
                    factor=arc_factor(self.network, hour, self.calibration),
                    turn_factor=1.0 if self.calibration is None else self.calibration.turn_factor,
                )
            return self._graphs[hour]

    def ready(self, period: str | None, *, work: int) -> tuple[TurnGraph, Engine]:
        """The graph at an hour, and the engine that suits ``work`` searches on it."""
        graph = self.graph(period)
        if not isinstance(self.wanted, str):
            return graph, self.wanted
        if self.wanted == "scipy":
            return graph, ScipyEngine()
        if self.wanted == "auto" and work * graph.state_count < COMPILE_WORTH:
            return graph, ScipyEngine()
        return graph, DijkstraEngine()
