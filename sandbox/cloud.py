"""What the functions that the tables name see: an object's properties, and the cloud around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from sandbox import paths
from sandbox.paths import Place
from sandbox.values import Value, has_unknown, plain


class UnknownValueError(Exception):
    """A check asked for a value that is known only later; it ends here and runs again then."""


class Properties:
    """The properties of one object, read-only and without the secret envelope."""

    def __init__(self, lookup: Callable[[str], Value]) -> None:
        self._lookup = lookup

    @classmethod
    def of(cls, values: Mapping[str, Value]) -> Properties:
        """A view of a plain mapping."""
        return cls(values.get)

    def __getitem__(self, name: str) -> Value:
        """The property, or None. Raises UnknownValueError."""
        return self._known(self._lookup(name))

    def raw(self, name: str) -> Value:
        """The property as it is, or None: with unknown values and secrets inside it."""
        return self._lookup(name)

    def get(self, path: str) -> Value:
        """What is at the first place the path names, or None. Raises UnknownValueError."""
        return next((value for _, value in self.find(path)), None)

    def find(self, path: str) -> Iterator[tuple[Place, Value]]:
        """Every place the path names, with what is there. Raises UnknownValueError."""
        for place, value in self.find_with_unknowns(path):
            yield place, self._known(value)

    def find_with_unknowns(self, path: str) -> Iterator[tuple[Place, Value]]:
        """As `find`, giving unknown values as they are."""
        root = paths.parse(path)[0]
        yield from paths.find({root: self._lookup(str(root))}, path)

    @staticmethod
    def _known(value: Value) -> Value:
        if has_unknown(value):
            raise UnknownValueError
        return plain(value)


@dataclass(frozen=True, kw_only=True)
class CloudObject:
    """An object that the cloud holds."""

    type: str
    id: str
    region: str
    inputs: Mapping[str, Value]
    outputs: Mapping[str, Value]
    name: str = ""
    """The logical name that Pulumi knows it by; empty for what existed beforehand."""

    def get(self, path: str) -> Value:
        """A property of the object, without the secret envelope."""
        if path == "id":
            return self.id
        return plain(paths.get(self.outputs, path))

    @property
    def label(self) -> str:
        """How messages name it."""
        return f'{self.type} "{self.name}" ({self.id})' if self.name else f"{self.type} {self.id}"


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """The cloud as one object's region sees it."""

    region: str
    variables: Mapping[str, str]
    find_object: Callable[[str, str, Value], CloudObject | None] = field(repr=False)
    find_all: Callable[[str], list[CloudObject]] = field(repr=False)
    find_everything: Callable[[], list[CloudObject]] = field(repr=False)

    @property
    def account(self) -> str:
        """The account's id."""
        return self.variables["account"]

    @property
    def partition(self) -> str:
        """`aws` in most regions."""
        return self.variables["partition"]

    def find(self, type_token: str, attribute: str, value: Value) -> CloudObject | None:
        """The object of that type whose attribute has that value, in this region."""
        return self.find_object(type_token, attribute, value)

    def all(self, type_token: str) -> list[CloudObject]:
        """All objects of that type in this region."""
        return self.find_all(type_token)
