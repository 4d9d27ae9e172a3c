"""Warming leaves no kernel of travel uncompiled."""

from data.travel.warm import warm_travel
from tests.data.travel.worlds import random_town


def test_warming_compiles_every_kernel() -> None:
    from data.travel import buckets, course, ends, kernel, telling

    warm_travel(random_town(1))
    for module in (kernel, buckets, course, ends, telling):
        compiled = {
            name: part.signatures
            for name, part in vars(module).items()
            if hasattr(part, "signatures") and not name.startswith("_")
        }
        assert compiled
        assert [name for name, signatures in compiled.items() if not signatures] == []
