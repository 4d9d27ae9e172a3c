"""The fast engine: our contraction hierarchy behind the door of every engine."""

import threading
from weakref import WeakKeyDictionary

import numpy as np

from data.travel.cch.hierarchy import Hierarchy, Metric
from data.travel.engine import Search, States, in_threads
from data.travel.graph import Packed, TurnGraph
from data.travel.labels import Labels


class CchEngine:
    """Answers from a customizable contraction hierarchy, filled once per graph it is asked about.

    Its graphs must have the turns, in their order, that the hierarchy was built from.
    """

    def __init__(self, hierarchy: Hierarchy, *, threads: int = 2) -> None:
        self.hierarchy = hierarchy
        self.threads = threads
        self._metrics: WeakKeyDictionary[TurnGraph, Metric] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def metric(self, graph: TurnGraph) -> Metric:
        """The hierarchy's weights for one graph."""
        from data.travel.cch.customization import customize

        with self._lock:
            if (known := self._metrics.get(graph)) is None:
                known = customize(self.hierarchy, graph.weight, threads=self.threads)
                self._metrics[graph] = known
            return known

    def towards(self, graph: TurnGraph, targets: Labels) -> Search:
        from data.travel.cch.matrix import many_to_many
        from data.travel.kernel import least

        metric = self.metric(graph)
        states, column = np.unique(targets.state, return_inverse=True)

        def search(sources: Labels) -> Packed:
            found = many_to_many(
                self.hierarchy,
                metric,
                sources.first,
                sources.state,
                sources.weight,
                states,
                threads=self.threads,
            )
            answer = np.empty((len(sources), len(targets)), dtype=np.int64)

            def run(begin: int, end: int) -> None:
                part = slice(begin, end)
                least(found[part], targets.first, column, targets.weight, answer[part])

            in_threads(run, len(sources), self.threads)
            return answer

        return search

    def path(self, graph: TurnGraph, source: Labels, target: Labels) -> States | None:
        from data.travel.cch.paths import path_between

        metric = self.metric(graph)
        states = path_between(
            self.hierarchy, metric, source.state, source.weight, target.state, target.weight
        )
        return states if len(states) else None
