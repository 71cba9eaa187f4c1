"""A provider package of the sandbox: its tables, and the functions that they name."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, cast

import yaml
from pydantic import ValidationError

from sandbox import schema
from sandbox.cloud import Cloud
from sandbox.configuration import Configuration
from sandbox.errors import Refusal
from sandbox.spec import FunctionTable, Module, ResourceTable
from sandbox.values import Value


@dataclass(frozen=True, kw_only=True)
class ResourceType:
    """One type of resource: its behaviour and its schema."""

    token: str
    table: ResourceTable
    schema: schema.ResourceSchema
    package: Package


def moved_region(old: Mapping[str, Any], new: Mapping[str, Any]) -> Collection[str]:
    """Objects do not move between regions."""
    return ["region"] if old.get("region") != new.get("region") else []


@dataclass(frozen=True, kw_only=True, eq=False)
class Package:
    """A provider package: the tables in its folder, and what they cannot say.

    `checks` is the Python package of the functions that the tables name. `holds_objects` is False
    when the provider keeps nothing anywhere but in Pulumi's state. `configure` reads the
    provider's arguments and raises ConfigurationError. `view` is what the functions see of the
    cloud. `replacing` names the arguments whose change, from old to new, makes every object of the
    provider a new one.
    """

    name: str
    sdk: str
    folder: Path
    checks: str
    holds_objects: bool
    configure: Callable[[Mapping[str, Any], Mapping[str, Any]], Configuration]
    view: type[Cloud] = Cloud
    replacing: Callable[[Mapping[str, Any], Mapping[str, Any]], Collection[str]] = moved_region

    def resource(self, token: str) -> ResourceType:
        """The type of that token. Raises Refusal when no table has it."""
        module = module_of(token)
        table = self.tables(module).resources.get(token)
        if table is None:
            raise Refusal.unknown(
                f"the sandbox has no table for the type {token}",
                f"describe it in {self._table_file(module)}, as sandbox/README.md shows",
            )
        described = self._schemas(module).get(token)
        if described is None:
            raise Refusal.unknown(
                f"the sandbox has a table but no schema for the type {token}",
                "run `python -m sandbox schema`",
            )
        return ResourceType(token=token, table=table, schema=described, package=self)

    def function(self, token: str) -> FunctionTable:
        """The function of that token. Raises Refusal when no table has it."""
        module = module_of(token)
        table = self.tables(module).functions.get(token)
        if table is None:
            raise Refusal.unknown(
                f"the sandbox has no table for the function {token}",
                f"describe it in {self._table_file(module)}, as sandbox/README.md shows",
            )
        return table

    def hook(self, name: str) -> Callable[..., Any]:
        """The function `module.function` that a table names. Raises Refusal."""
        module, _, function = name.partition(".")
        home = f"{self.checks}.{module}"
        if importlib.util.find_spec(home) is not None:
            found = getattr(importlib.import_module(home), function, None)
            if found is not None:
                return cast(Callable[..., Any], found)
        raise Refusal.unknown(
            f"a table names the function {name}, which does not exist",
            f"write it in {home.replace('.', '/')}.py",
        )

    def tables(self, module: str) -> Module:
        """The tables of one module; empty when there is no file."""
        return _tables(self.folder / "types" / f"{module}.yaml")

    def modules(self) -> Iterator[str]:
        """The modules that have tables."""
        for path in sorted((self.folder / "types").glob("*.yaml")):
            yield path.stem

    def schema_file(self, module: str) -> Path:
        """Where the schema of a module is."""
        return self.folder / "schema" / f"{module}.json"

    def _schemas(self, module: str) -> Mapping[str, schema.ResourceSchema]:
        return _schemas(self.schema_file(module))

    def _table_file(self, module: str) -> str:
        return f"{self.checks.rpartition('.')[0].replace('.', '/')}/types/{module}.yaml"

    @cached_property
    def account(self) -> Mapping[str, Any]:
        """What exists before anything is created."""
        path = self.folder / "account.yaml"
        loaded: Mapping[str, Any] = _load_yaml(path) if path.exists() else {}
        return loaded


def module_of(token: str) -> str:
    """`rds` of `aws:rds/instance:Instance`. Raises Refusal on what is no token."""
    parts = token.split(":")
    if len(parts) != 3 or not all(parts):
        raise Refusal.unknown(f"{token!r} is no type token", "expected package:module:Name")
    return parts[1].partition("/")[0]


@cache
def _tables(path: Path) -> Module:
    if not path.exists():
        return Module()
    try:
        return Module.model_validate(_load_yaml(path) or {})
    except ValidationError as error:
        raise Refusal.broken_table(path.name, error) from error


@cache
def _schemas(path: Path) -> Mapping[str, schema.ResourceSchema]:
    return schema.load(path) if path.exists() else {}


def _load_yaml(path: Path) -> Value:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - both are safe
