"""The compiled part of nested dissection: halve a network by its smallest cuts, again and again.

A cell of nodes is laid out along several directions; its first and last nodes become the source and
the sink of a flow, and the least cut between them divides it (inertial flow, Schild & Sommer 2015).
Flows are found by Dinic's method (1970), broken off as soon as no better cut can come of them.
Roads that cross the cut are emitted, then both sides are divided in turn.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Float64 = NDArray[np.float64]

_NEITHER, _SOURCE, _SINK = 0, 1, 2


@njit(cache=True, nogil=True)
def _smallest(values: Float64, count: int, place: int) -> np.float64:
    """The value that would stand at ``place`` if the first ``count`` were sorted; shuffles them.

    Hoare's selection (1961), the pivot from the middle.
    """
    low, high = 0, count - 1
    while low < high:
        pivot = values[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while values[i] < pivot:
                i += 1
            while values[j] > pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if place <= j:
            high = j
        elif place >= i:
            low = i
        else:
            break
    value: np.float64 = values[place]
    return value


@njit(cache=True, nogil=True)
def _mark_ends(along: Float64, sorting: Float64, ends: int, part: NDArray[np.int8]) -> None:
    """Mark the ``ends`` nodes with least ``along`` as sources and the greatest as sinks.

    Of nodes that lie alike the first are sources and the last are sinks.
    """
    count = len(along)
    sorting[:] = along
    low = _smallest(sorting, count, ends - 1)
    high = _smallest(sorting, count, count - ends)
    sources, sinks = ends, ends
    for node in range(count):
        part[node] = _NEITHER
        if along[node] < low:
            part[node] = _SOURCE
            sources -= 1
        elif along[node] > high:
            part[node] = _SINK
            sinks -= 1
    for node in range(count):
        if sources and along[node] == low:
            part[node] = _SOURCE
            sources -= 1
    for node in range(count - 1, -1, -1):
        if sinks and along[node] == high and part[node] == _NEITHER:
            part[node] = _SINK
            sinks -= 1


@njit(cache=True, nogil=True)
def _layers(
    first: Int32,
    head: Int32,
    twin: Int32,
    room: Int32,
    part: NDArray[np.int8],
    start: int,
    level: Int32,
    queue: Int32,
    reached: Int32,
) -> int:
    """Breadth-first layers from the side ``start`` over arcs with room, -1 where none lead.

    From the sink, arcs are followed against their direction. Nodes of the other side that were
    met stand in ``reached`` in the order of their layers; their number is returned.
    """
    goal = _SINK + _SOURCE - start
    size, met = 0, 0
    for node in range(len(part)):
        level[node] = -1
        if part[node] == start:
            level[node] = 0
            queue[size] = node
            size += 1
    at = 0
    while at < size:
        node = queue[at]
        at += 1
        for k in range(first[node], first[node + 1]):
            to = head[k]
            if level[to] < 0 and (room[k] if start == _SOURCE else room[twin[k]]) > 0:
                level[to] = level[node] + 1
                if part[to] == goal:
                    reached[met] = to
                    met += 1
                else:
                    queue[size] = to
                    size += 1
    return met


@njit(cache=True, nogil=True)
def _flow(
    first: Int32,
    head: Int32,
    twin: Int32,
    room: Int32,
    part: NDArray[np.int8],
    most: int,
    level: Int32,
    queue: Int32,
    trail: Int32,
    current: Int32,
    reached: Int32,
) -> int:
    """Push flow from sources to sinks until none fits or more than ``most`` has passed.

    Unlike Dinic's, a phase also uses paths longer than the shortest: it starts at every sink that
    was met and goes down the layers to the sources, so a few phases do.
    """
    total: int = 0
    while True:
        met = _layers(first, head, twin, room, part, _SOURCE, level, queue, reached)
        if met == 0:
            return total
        current[:] = first[:-1]
        for place in range(met):
            node = reached[place]
            depth = 0
            while True:
                if level[node] == 0:
                    least = room[twin[trail[0]]]
                    for step in range(1, depth):
                        least = min(least, room[twin[trail[step]]])
                    total += int(least)
                    if total > most:
                        return total
                    for step in range(depth - 1, -1, -1):
                        room[trail[step]] += least
                        room[twin[trail[step]]] -= least
                        if room[twin[trail[step]]] == 0:
                            depth = step
                    node = head[twin[trail[depth]]]
                    continue
                k = current[node]
                end = first[node + 1]
                down = level[node] - 1
                while k < end and (level[head[k]] != down or room[twin[k]] == 0):
                    k += 1
                current[node] = k
                if k < end:
                    trail[depth] = k
                    depth += 1
                    node = head[k]
                elif depth == 0:
                    break
                else:
                    depth -= 1
                    node = head[twin[trail[depth]]]
                    current[node] += 1


@njit(cache=True, nogil=True)
def halve(
    first: Int32,
    head: Int32,
    twin: Int32,
    capacity: Int32,
    x: Float64,
    y: Float64,
    directions: Float64,
    share: float,
) -> NDArray[np.bool_]:
    """Which nodes of a cell lie on the far side of its best cut, (n,).

    ``first``, ``head``, ``twin``, ``capacity`` are the cell's roads, each from both its ends;
    ``directions`` (d, 2) are the ways to lay the cell out. The best cut has the least capacity
    for each node on its smaller side. Both sides hold at least one node.
    """
    count = len(x)
    best = np.zeros(count, dtype=np.bool_)
    best[count // 2 :] = True
    best_score = np.inf
    part = np.empty(count, dtype=np.int8)
    level = np.empty(count, dtype=np.int32)
    queue = np.empty(count, dtype=np.int32)
    current = np.empty(count, dtype=np.int32)
    trail = np.empty(count + 1, dtype=np.int32)
    along = np.empty(count, dtype=np.float64)
    sorting = np.empty(count, dtype=np.float64)
    room = np.empty(len(head), dtype=np.int32)
    reached = np.empty(count, dtype=np.int32)
    ends = max(1, int(share * count))
    for way in range(len(directions)):
        for node in range(count):
            along[node] = x[node] * directions[way, 0] + y[node] * directions[way, 1]
        _mark_ends(along, sorting, ends, part)
        room[:] = capacity
        most = len(head) if best_score == np.inf else int(best_score * (count // 2))
        cut = _flow(first, head, twin, room, part, most, level, queue, trail, current, reached)
        if cut > most:
            continue
        near = 0
        for node in range(count):
            near += level[node] >= 0
        near_side = level >= 0
        _layers(first, head, twin, room, part, _SINK, level, queue, reached)
        far = 0
        for node in range(count):
            far += level[node] >= 0
        smaller = max(min(near, count - near), min(far, count - far))
        score = cut / smaller
        if score < best_score:
            best_score = score
            is_near = min(near, count - near) >= min(far, count - far)
            best = ~near_side if is_near else level >= 0
    return best


@njit(cache=True, nogil=True)
def dissect(
    nodes: Int32,
    cell: Int32,
    place: Int32,
    begin: int,
    end: int,
    rounds: int,
    first: Int64,
    head: Int32,
    road: Int32,
    capacity: Int32,
    x: Float64,
    y: Float64,
    directions: Float64,
    share: float,
    emitted: Int32,
    bounds: Int64,
) -> int:
    """Divide the cell ``nodes[begin:end]`` at most ``rounds`` times deep and emit the roads cut.

    ``nodes`` is reordered in place so that cells stay together; ``cell`` holds for every node where
    its cell begins, ``place`` is scratch (n,). Returns how many roads were put into ``emitted``.
    With ``rounds`` 1 the two new cells' bounds are left in ``bounds`` (begin, middle, end);
    otherwise the cell is divided down to single nodes.
    """
    count = 0
    stack = np.empty((256, 2), dtype=np.int64)
    stack[0, 0], stack[0, 1] = begin, end
    size = 1
    while size:
        size -= 1
        low, high = stack[size]
        many = high - low
        for at in range(low, high):
            place[nodes[at]] = at - low
        local_first = np.zeros(many + 1, dtype=np.int32)
        total = 0
        for at in range(low, high):
            node = nodes[at]
            for k in range(first[node], first[node + 1]):
                total += cell[head[k]] == low
            local_first[at - low + 1] = total
        if many == 1:
            node = nodes[low]
            for k in range(first[node], first[node + 1]):
                if head[k] == node:
                    emitted[count] = road[k]
                    count += 1
            continue
        local_head = np.empty(total, dtype=np.int32)
        local_capacity = np.empty(total, dtype=np.int32)
        local_road = np.empty(total, dtype=np.int32)
        local_x = np.empty(many, dtype=np.float64)
        local_y = np.empty(many, dtype=np.float64)
        total = 0
        for at in range(low, high):
            node = nodes[at]
            local_x[at - low], local_y[at - low] = x[node], y[node]
            for k in range(first[node], first[node + 1]):
                if cell[head[k]] == low:
                    local_head[total] = place[head[k]]
                    local_capacity[total] = capacity[k] if head[k] != node else 0
                    local_road[total] = road[k]
                    total += 1
        if many == 2:
            is_far = np.array([False, True])
        else:
            twin = _twins(local_first, local_head, local_road)
            is_far = halve(
                local_first,
                local_head,
                twin,
                local_capacity,
                local_x,
                local_y,
                directions,
                share,
            )
        for node in range(many):
            for k in range(local_first[node], local_first[node + 1]):
                if node < local_head[k] and is_far[node] != is_far[local_head[k]]:
                    emitted[count] = local_road[k]
                    count += 1
        before = nodes[low:high].copy()
        middle = low
        for node in range(many):
            if not is_far[node]:
                nodes[middle] = before[node]
                middle += 1
        at = middle
        for node in range(many):
            if is_far[node]:
                nodes[at] = before[node]
                cell[before[node]] = middle
                at += 1
        if rounds == 1:
            bounds[0], bounds[1], bounds[2] = low, middle, high
            return count
        stack[size, 0], stack[size, 1] = low, middle
        stack[size + 1, 0], stack[size + 1, 1] = middle, high
        size += 2
    return count


@njit(cache=True, nogil=True)
def _twins(first: Int32, head: Int32, road: Int32) -> Int32:
    """For each arc of an undirected graph the one that runs back along the same road."""
    twin = np.empty(len(head), dtype=np.int32)
    for node in range(len(first) - 1):
        for k in range(first[node], first[node + 1]):
            to = head[k]
            if to < node:
                continue
            if to == node:
                twin[k] = k
                continue
            for other in range(first[to], first[to + 1]):
                if road[other] == road[k]:
                    twin[k] = other
                    twin[other] = k
                    break
    return twin
