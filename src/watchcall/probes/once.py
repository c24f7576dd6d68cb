"""A property that is read once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class once(Generic[T]):  # noqa: N801 - used as a decorator, as property is
    """functools.cached_property without its lock.

    In Python 3.11 that is one lock for all instances, held while one of them is read: a read that
    hangs would hold up every other scan.
    """

    def __init__(self, read: Callable[[Any], T]) -> None:
        self._read = read

    def __get__(self, instance: Any, owner: type | None = None) -> T:
        value = instance.__dict__[self._read.__name__] = self._read(instance)
        return value
