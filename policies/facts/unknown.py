"""A value that cannot be told, and refuses to be used as if it could."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")


class Undecidable(Exception):  # noqa: N818  (an outcome of a rule, not a failure of the program)
    """A rule needs a value that cannot be told. `str()` says which and what to do."""

    def __init__(self, resource: str, urn: str, reason: str) -> None:
        super().__init__(f"cannot decide: {reason}")
        self.resource = resource
        """Name of the resource whose value it is."""
        self.urn = urn
        self.reason = reason


class Unknown:
    """Stands in a fact where a value cannot be told.

    Whatever a rule does with it (compare, count, iterate, print, read an attribute) raises
    `Undecidable`, which the runner reports as a violation of that rule. Only `is` and
    `isinstance` let it pass, so rules use neither (a test reads their source).
    """

    __slots__ = ("_reason", "_resource", "_urn")

    def __init__(self, resource: str, urn: str, reason: str) -> None:
        self._resource = resource
        self._urn = urn
        self._reason = reason

    def _refuse(self, *_: object) -> NoReturn:
        raise Undecidable(self._resource, self._urn, self._reason)

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            # Python asks objects for optional protocols this way.
            raise AttributeError(name)
        self._refuse()

    def __repr__(self) -> str:
        return f"<unknown of {self._resource}: {self._reason}>"

    __bool__ = __hash__ = __str__ = __format__ = _refuse
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __iter__ = __len__ = __contains__ = __getitem__ = __call__ = _refuse
    __int__ = __float__ = __index__ = __round__ = __floor__ = __ceil__ = __abs__ = __neg__ = _refuse
    __add__ = __sub__ = __mul__ = __truediv__ = __floordiv__ = __mod__ = __divmod__ = _refuse
    __radd__ = __rsub__ = __rmul__ = __rtruediv__ = __rfloordiv__ = __rmod__ = __rdivmod__ = _refuse
    __and__ = __or__ = __xor__ = __rand__ = __ror__ = __rxor__ = _refuse


def derived(function: Callable[..., T], *values: Any) -> T:  # noqa: ANN401  (whatever it takes)
    """What a function makes of some values; an `Unknown` when it cannot tell for one of them."""
    for value in values:
        if isinstance(value, Unknown):
            return value  # type: ignore[return-value]
    try:
        return function(*values)
    except Undecidable as problem:
        return Unknown(problem.resource, problem.urn, problem.reason)  # type: ignore[return-value]


def together(values: Iterable[T]) -> tuple[T, ...]:
    """Some values as one; an `Unknown` when one of them is."""
    return derived(lambda *each: each, *values)
