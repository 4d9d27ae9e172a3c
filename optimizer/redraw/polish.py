"""The polish of a searched plan: groups annealed anew, border bands solved, cost settled."""

from optimizer.redraw.band import exchanged
from optimizer.redraw.field import Arena
from optimizer.redraw.kernel_values import Ints
from optimizer.redraw.mend import mended, settled
from optimizer.redraw.problem import RedrawParams
from optimizer.run import Stop


def polished(owner: Ints, arena: Arena, params: RedrawParams, stop: Stop) -> Ints:
    """The assignment with less beyond tolerance, then less cost; never worse, always contiguous.

    ``stop.seconds`` is heeded within a round of a second or less.
    """
    was = arena.objective(owner).key
    found, _ = mended(owner, arena, params, stop)
    found = exchanged(found, arena, params, stop)
    found, _ = settled(found, arena, params, stop)
    if was[0] > 0:  # where settling changed what is beyond tolerance, other groups may mend it
        found, _ = mended(found, arena, params, stop, draws=2)
    return found if arena.objective(found).key < was else owner
