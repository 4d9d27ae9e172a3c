"""Compilation for functions over tuples of many arrays that make no array of their own.

Reference counts of every array in a tuple, taken at every call, took three quarters of the time of
such kernels; without them a function may not make an array. They run without the interpreter's
lock, so threads run beside each other. Loaded only where it is needed, for numba takes a second.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])

_OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": False}


def bare(function: Function) -> Function:
    """The function, compiled."""
    return cast(Function, njit(**_OPTIONS)(function))


def bare_inline(function: Function) -> Function:
    """The function, compiled into whatever calls it."""
    return cast(Function, njit(inline="always", **_OPTIONS)(function))
