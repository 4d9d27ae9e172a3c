"""The arrays the compiled search works on.

One table of whole numbers, ``rows``, holds all that moves are judged by: a row a node, a row a
route, and four rows of the search itself at its end, so that few arrays travel between compiled
functions. Nodes are the visits 0..n-1, then the start and then the end of every vehicle; routes
follow. A node's row holds its place in its route, what the route is when it reaches the node and
what the rest of the route still allows; so a move is judged from the rows of its ends.
"""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Int = Any  # a whole number: Python's to the reader, of 64 bits when compiled
Ints = NDArray[np.int64]
Table = NDArray[np.int64]
Short = NDArray[np.int32]

# columns of a node
NEXT: Final = 0
PREV: Final = 1
ROUTE: Final = 2  # row of the route, -1: left out
POSITION: Final = 3
TIME: Final = 4  # start of service, cut back to the window where late
WARP: Final = 5  # lateness cut back so far, this node included
LOAD: Final = 6  # taken up so far, this node included
PLACE: Final = 7  # row of the matrices
LATEST: Final = 8  # latest start of service that adds no lateness after it
WARP_AFTER: Final = 9  # lateness from this node on, if it is reached by LATEST
OPEN: Final = 10  # window in force
CLOSE: Final = 11
SERVICE: Final = 12
DEMAND: Final = 13
DRIVE: Final = 14  # driven so far
PRIZE: Final = 15  # cost of leaving it out
FIRST_WINDOW: Final = 16  # where its windows stand in ``rules``, pairs
LAST_WINDOW: Final = 17
ALLOWED_AT: Final = 18  # where its row of allowed kinds stands in ``rules``
IS_MOVED: Final = 19  # its window is to be chosen anew
COLUMNS: Final = 24

# columns of a route
SIZE: Final = 0
COST: Final = 1
PENALTY: Final = 2  # weighted
LATE: Final = 3
FILLED: Final = 4
DRIVEN: Final = 5
CAPACITY: Final = 6
MAX_DRIVING: Final = 7
KIND: Final = 8  # vehicles of one kind are alike in everything
END_KIND: Final = 9  # vehicles of one end kind end alike
START: Final = 10  # node
END: Final = 11
TOUCHED: Final = 12  # number of the turn that changed it last
SAVED_AT: Final = 13
SAVED_SIZE: Final = 14

# rows at the end of the table
HEAD: Final = -1
WEIGHT: Final = -2
FOUND: Final = -3
COUNT: Final = -4
LAST_ROWS: Final = 4

# HEAD: the problem
VISITS: Final = 0
VEHICLES: Final = 1
FIRST_ROUTE: Final = 2
HAS_WINDOWS: Final = 3
HAS_CHOICE: Final = 4  # some visit has several windows
HAS_SKILLS: Final = 5
HAS_DRIVING: Final = 6
IS_SYMMETRIC: Final = 7
IS_UNIFORM: Final = 8  # one kind of vehicle, starting where it ends
HAS_PRIZES: Final = 9  # some visit may be left out
LAST_ROUTE: Final = 10  # the row behind it
SECONDS: Final = 11  # which matrix of ``legs`` holds seconds

# WEIGHT: what a broken rule costs a unit, in fixed point
WEIGHT_BITS: Final = 4
BY_LATENESS: Final = 0
BY_LOAD: Final = 1
BY_DRIVING: Final = 2

# FOUND: the best move so far
DELTA: Final = 0
MOVE: Final = 1
ARGS: Final = 2
EXCHANGE: Final = 1
TAILS: Final = 2
REVERSE: Final = 3
HEADS: Final = 4
INSERT: Final = 5
REMOVE: Final = 6
REPLACE: Final = 7
TURNED: Final = 8

# COUNT: the search
QUEUE_HEAD: Final = 0
QUEUE_SIZE: Final = 1
TURN: Final = 2
TOUCHED_COUNT: Final = 3
SAVED_COUNT: Final = 4
LEFT_OUT: Final = 5  # sum of prizes of the nodes left out
MOVES: Final = 6
TRIALS: Final = 7

UNLIMITED: Final = 1 << 40
MUST: Final = 1 << 40  # cost of leaving out a visit that must be made, in the search


class Hot(NamedTuple):
    """What moves are judged by."""

    rows: Table
    legs: NDArray[np.int32]  # (1 or 2, places, places): cost, then seconds if they differ
    rules: Ints  # windows in pairs, then who may serve whom


class Side(NamedTuple):
    """What a search needs besides."""

    near: Short  # (visits, K)
    kind_of: Ints  # (kinds + 1,) first row of ``by_kind``
    by_kind: Ints  # routes ordered by kind
    spare: Ints  # (kinds,) a route of the kind that was empty when last looked
    queue: Ints
    is_queued: NDArray[np.uint8]
    touched: Ints
    saved: Ints
    absent: Ints
    random: NDArray[np.uint64]
