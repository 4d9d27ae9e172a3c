"""How the inner loop is compiled: three decorators, from a whole function to a part of a loop."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Kernel = TypeVar("Kernel", bound=Callable[..., Any])
compiled: Any = numba.njit(cache=True, nogil=True, error_model="numpy")
bare: Any = numba.njit(cache=True, nogil=True, error_model="numpy", _nrt=False)  # type: ignore[call-overload]
inlined: Any = numba.njit(  # type: ignore[call-overload]
    cache=True, nogil=True, error_model="numpy", _nrt=False, forceinline=True
)


def whole(function: Kernel) -> Kernel:
    """A function that may allocate arrays."""
    return cast(Kernel, compiled(function))


def loop(function: Kernel) -> Kernel:
    """A function that allocates nothing.

    To count references to every array of a named tuple at every call took three quarters of the
    time, so it is switched off.
    """
    return cast(Kernel, bare(function))


def part(function: Kernel) -> Kernel:
    """A part of a ``loop``, put in its place: a call would copy all its arguments to the stack."""
    return cast(Kernel, inlined(function))
