"""Warming leaves no kernel of travel uncompiled."""

from data.travel.warm import warm_travel
from tests.data.travel.worlds import random_town


def test_warming_compiles_every_kernel() -> None:
    from data.travel import buckets, kernel

    warm_travel(random_town(1))
    for module in (kernel, buckets):
        compiled = {
            name: part.signatures
            for name, part in vars(module).items()
            if hasattr(part, "signatures") and not name.startswith("_")
        }
        assert len(compiled) >= 4
        assert [name for name, signatures in compiled.items() if not signatures] == []
