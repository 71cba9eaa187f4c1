"""Good resources of every type of a cloud, each made as far as a test needs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from sandbox.values import Value, plain
from tests.sandbox.engine import Engine, Resource

Inputs: TypeAlias = dict[str, Any]
Recipe: TypeAlias = "Callable[[Made], Inputs]"


class Goods:
    """Type token -> the inputs of a good resource of that type."""

    def __init__(self) -> None:
        self.recipes: dict[str, Recipe] = {}

    def good(self, token: str) -> Callable[[Recipe], Recipe]:
        """Enter the inputs of a good resource."""

        def enter(recipe: Recipe) -> Recipe:
            self.recipes[token] = recipe
            return recipe

        return enter


class Made:
    """The good resources of one test, in the order in which they were made. `engine_of`: the
    connection that a type is made by."""

    def __init__(self, goods: Goods, engine_of: Callable[[str], Engine]) -> None:
        self._goods = goods
        self.engine_of = engine_of
        self.made: dict[tuple[str, str], Resource] = {}

    def inputs(self, token: str) -> Inputs:
        """Those of the good resource; what it refers to is made."""
        return self._goods.recipes[token](self)

    def make(self, token: str, name: str = "it", /, **changes: Value) -> Resource:
        """The good resource of that type and name, made once; `changes` lie over its inputs."""
        if (token, name) not in self.made:
            inputs = {**self.inputs(token), **changes}
            self.made[token, name] = self.engine_of(token).create(token, name, inputs)
        return self.made[token, name]

    def get(self, token: str, attribute: str, name: str = "it") -> Value:
        """An output of the good resource."""
        resource = self.make(token, name)
        return resource.id if attribute == "id" else plain(resource.outputs[attribute])

    def delete_all(self) -> None:
        """Delete them, the last first."""
        for (token, _), resource in reversed(list(self.made.items())):
            self.engine_of(token).delete(resource)


@dataclass(frozen=True, kw_only=True)
class Tried:
    """A cloud's good resources, and by which provider they are made."""

    goods: Goods
    arguments: Mapping[str, Value]
    elsewhere: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    """Type -> the arguments of another provider, by which it is made."""
