"""Reads names and types of inputs and outputs out of an installed Pulumi SDK.

Only the command `python -m sandbox schema` and the tests use it: importing an SDK takes seconds,
reading the files written here does not.
"""

from __future__ import annotations

import enum
import importlib
import inspect
import types
import typing
from collections import abc
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import pulumi
from pulumi import _types as sdk_types

from sandbox.schema import TypeName

Hint: TypeAlias = Any
"""A type as the SDK annotates it."""

_BASIC: Mapping[type, str] = {str: "string", bool: "boolean", int: "integer", float: "number"}


class SdkReader:
    """Reads resource types of one SDK package, for example `pulumi_aws`."""

    def __init__(self, package: str, sdk: str) -> None:
        self._package = package
        self._sdk = sdk
        self._objects: dict[str, dict[str, Any]] = {}

    def module(self, tokens: Iterable[str]) -> dict[str, Any]:
        """The schema file of one module that holds these types."""
        self._objects = {}
        resources = {token: self._resource(self.resource_class(token)) for token in sorted(tokens)}
        return {"objects": dict(sorted(self._objects.items())), "resources": resources}

    def resource_class(self, token: str) -> type[pulumi.CustomResource]:
        """The SDK class of a type token. Raises LookupError."""
        module, _, name = token.removeprefix(f"{self._package}:").partition(":")
        home, _, inner = module.partition("/")
        # Kubernetes SDKs hold a module for each version of a group: `helm.sh/v3` in `helm.v3`.
        for spelling in (home, f"{home}_", f"{home.partition('.')[0]}.{inner}"):
            path = self._sdk if home == "index" else f"{self._sdk}.{spelling}"
            try:
                found = getattr(importlib.import_module(path), name, None)
            except ModuleNotFoundError:
                continue
            if found is not None and getattr(found, "pulumi_type", None) == token:
                return typing.cast(type[pulumi.CustomResource], found)
        raise LookupError(f"{self._sdk} has no resource class for {token}")

    def _resource(self, cls: type[pulumi.CustomResource]) -> dict[str, Any]:
        arguments = args_class(cls)
        outputs = sdk_types.resource_types(cls)
        return {
            "inputs": self._inputs(arguments),
            "outputs": {
                name: self._type(kind, nested=False) for name, kind in sorted(outputs.items())
            },
        }

    def _inputs(self, arguments: type) -> dict[str, Any]:
        names = sdk_types.input_type_py_to_pulumi_names(arguments)
        parameters = inspect.signature(arguments).parameters
        constructor = typing.cast(types.FunctionType, arguments.__init__)  # type: ignore[misc]
        # `pulumi.Input` refers to names of its own module, which the SDK's modules do not import.
        # With local names of their own, classes of one name in two modules are told apart: else
        # Python takes whichever was looked up first.
        hints = typing.get_type_hints(
            constructor,
            globalns={**vars(pulumi.output), **constructor.__globals__},
            localns={},
        )
        described: dict[str, Any] = {}
        for python_name, name in sorted(names.items(), key=lambda pair: pair[1]):
            entry: dict[str, Any] = {"type": self._type(hints[python_name], nested=True)}
            if parameters[python_name].default is inspect.Parameter.empty:
                entry["required"] = True
            described[name] = entry
        return described

    def _type(self, hint: Hint, *, nested: bool) -> TypeName:
        choices = [c for c in _flatten(hint) if not _is_wrapper(c)]
        basic = {_BASIC[c] for c in choices if c in _BASIC}
        if len(basic) == 1 and all(_is_simple(c) for c in choices):
            return basic.pop()
        if basic == {"string"} and any(_is_object(c) for c in choices):
            return "document"
        objects = sorted({c for c in choices if _is_nested_input(c)}, key=_rank)
        if nested and len(objects) > 1:
            return {"object": self._variants(objects)}
        # Python keeps one of two unions that differ in order alone, whichever was made first.
        for choice in sorted(choices, key=_rank):
            if (structured := self._structured(choice, nested=nested)) is not None:
                return structured
        return "any"

    def _structured(self, choice: Hint, *, nested: bool) -> TypeName:
        origin: Hint = typing.get_origin(choice)
        arguments = typing.get_args(choice)
        if origin in (abc.Sequence, list):
            return {"array": self._type(arguments[0], nested=nested)}
        if origin in (abc.Mapping, dict):
            return {"map": self._type(arguments[1], nested=nested)}
        if not inspect.isclass(choice):
            return None
        if issubclass(choice, enum.Enum):
            return "string"
        if issubclass(choice, pulumi.Archive):
            return "archive"
        if issubclass(choice, pulumi.Asset):
            return "asset"
        if sdk_types.is_input_type(choice) and nested:
            return {"object": self._object(choice)}
        if sdk_types.is_output_type(choice) or sdk_types.is_input_type(choice):
            return {"object": None}
        return None

    def _object(self, cls: type) -> str:
        name = cls.__name__.removesuffix("Args")
        if name not in self._objects:
            self._objects[name] = {}
            self._objects[name].update(self._inputs(cls))
        return name

    def _variants(self, classes: Iterable[type]) -> str:
        """An object that is one of several, told apart by a property: the fields of all of them,
        of which those are required that each of them requires."""
        found = [self._objects[self._object(cls)] for cls in classes]
        name = " or ".join(self._object(cls) for cls in classes)
        self._objects[name] = {
            field: {
                "type": next(each[field]["type"] for each in found if field in each),
                **({"required": True} if _required_by_all(field, found) else {}),
            }
            for field in sorted({field for each in found for field in each})
        }
        return name


def _required_by_all(field: str, objects: Iterable[Mapping[str, Any]]) -> bool:
    return all(each.get(field, {}).get("required", False) for each in objects)


def args_class(cls: type[pulumi.CustomResource]) -> type:
    """The Args class beside a resource class, called InitArgs where a nested type has the name."""
    module = importlib.import_module(cls.__module__)
    found = getattr(module, f"{cls.__name__}InitArgs", None)
    return typing.cast(type, found or getattr(module, f"{cls.__name__}Args"))


def _flatten(hint: Hint) -> list[Hint]:
    origin: Hint = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return [leaf for part in typing.get_args(hint) for leaf in _flatten(part)]
    return [hint]


def _is_wrapper(hint: Hint) -> bool:
    origin: Hint = typing.get_origin(hint) or hint
    return origin in (types.NoneType, pulumi.Output, abc.Awaitable) or (
        inspect.isclass(origin) and typing.is_typeddict(origin)
    )


def _rank(hint: Hint) -> tuple[bool, bool, str]:
    """Inputs before outputs, single files before archives."""
    kind = hint if inspect.isclass(hint) else object
    return not sdk_types.is_input_type(kind), issubclass(kind, pulumi.Archive), str(hint)


def _is_object(hint: Hint) -> bool:
    return inspect.isclass(hint) and (
        sdk_types.is_input_type(hint) or sdk_types.is_output_type(hint)
    )


def _is_nested_input(hint: Hint) -> bool:
    return inspect.isclass(hint) and sdk_types.is_input_type(hint)


def _is_simple(hint: Hint) -> bool:
    return hint in _BASIC or (inspect.isclass(hint) and issubclass(hint, enum.Enum))
