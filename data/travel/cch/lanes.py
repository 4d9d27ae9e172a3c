"""The innermost loop of the sweeps, for several sources at once, in the machine's vector registers.

Numba's own vectorizer stumbles over the gathers by row, so the loop is spelled out for LLVM, which
turns it into whatever vectors the processor has.
"""

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

LANES = 16
"""Sources swept together: 128 bytes a state, two cache lines."""


def _pointer(context: Any, builder: Any, array_type: Any, array: Any) -> Any:
    return context.make_array(array_type)(context, builder, array).data


def _relax(
    _context: Any, distances: Any, begin: Any, end: Any, slots: Any, weights: Any, own: Any
) -> Any:
    """Lower ``distances[own:own + LANES]`` by the arcs ``begin`` to ``end``.

    Arc k comes from the lanes at ``distances[slots[k] * LANES]`` and adds ``weights[k]``.
    """
    signature = types.void(distances, begin, end, slots, weights, own)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kinds = signature.args
        word, vector = ir.IntType(64), ir.VectorType(ir.IntType(64), LANES)
        spread = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
        data = _pointer(context, builder, kinds[0], arguments[0])
        slot_data = _pointer(context, builder, kinds[3], arguments[3])
        weight_data = _pointer(context, builder, kinds[4], arguments[4])
        low, high, own_place = arguments[1], arguments[2], arguments[5]

        def lanes_at(place: Any) -> Any:
            return builder.bitcast(builder.gep(data, [place]), vector.as_pointer())

        own_lanes = lanes_at(own_place)
        best = cgutils.alloca_once(builder, vector)  # type: ignore[no-untyped-call]
        builder.store(builder.load(own_lanes, align=8), best)
        with cgutils.for_range_slice(builder, low, high, ir.Constant(word, 1), word) as (k, _):
            slot = builder.sext(builder.load(builder.gep(slot_data, [k])), word)
            there = builder.load(lanes_at(builder.mul(slot, ir.Constant(word, LANES))), align=8)
            weight = builder.load(builder.gep(weight_data, [k]))
            one = builder.insert_element(
                ir.Constant(vector, ir.Undefined), weight, ir.Constant(ir.IntType(32), 0)
            )
            every = builder.shuffle_vector(one, ir.Constant(vector, ir.Undefined), spread)
            through = builder.add(there, every)
            so_far = builder.load(best)
            is_less = builder.icmp_signed("<", through, so_far)
            builder.store(builder.select(is_less, through, so_far), best)
        builder.store(builder.load(best), own_lanes, align=8)
        return context.get_dummy_value()

    return signature, generate


relax: Any = intrinsic(_relax)
