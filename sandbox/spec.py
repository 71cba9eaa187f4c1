"""The tables of the simulated types: what a field means is in README.md, what it may be is here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Table(BaseModel):
    """A part of a table: unknown fields are refused, nothing changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NameRule(Table):
    """The physical name of an object."""

    property: str
    max_length: int | None = None
    min_length: int = 1
    pattern: str | None = None
    rule: str | None = None
    lowercase: bool = False
    prefix: str = ""
    separator: str = "-"
    hex_digits: int = 7
    uuid: bool = False
    suffix: str = ""
    suffix_when: Mapping[str, str] = {}
    auto: bool = True
    scope: Literal["region", "account", "global"] | Sequence[str] | None = None
    source: str | None = None

    @model_validator(mode="after")
    def _pattern_is_explained(self) -> NameRule:
        if (self.pattern is None) != (self.rule is None):
            raise ValueError("`pattern` and `rule` (its meaning in words) go together")
        return self


class Limit(Table):
    """What one property may be."""

    min: float | None = None
    max: float | None = None
    multiple_of: float | None = None
    one_of: Sequence[Any] | None = None
    pattern: str | None = None
    rule: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None


class Replacement(Table):
    """Which changes need a new object, and how that is known."""

    source: str
    properties: Sequence[str]
    unless_added: Sequence[str] = ()
    delete_first: bool | str = False


class Reference(Table):
    """A property that names another object."""

    to: str | Sequence[str]
    by: Sequence[str] = ("id",)
    blocks: bool = True
    exempt: str | None = Field(default=None, alias="except")

    @property
    def types(self) -> Sequence[str]:
        """The types that the object may have."""
        return (self.to,) if isinstance(self.to, str) else self.to


class Protection(Table):
    """A property that makes the cloud refuse Delete while it has the value `held`."""

    property: str
    error: str
    held: bool | str = True
    lifted: bool | str = False


class FinalSnapshot(Table):
    """What is kept of an object when it is deleted."""

    identifier: str
    kind: str
    skip: str | None = None
    unless: str | None = None
    optional: bool = False
    duplicate: str = "SnapshotAlreadyExists"


class Recovery(Table):
    """The days in which a deleted object could still be brought back."""

    window_days: str
    kind: str
    holds_name: bool = False


class MadeAlong(Table):
    """An object that the cloud makes together with one of another type, and others may refer to."""

    id: str
    properties: Mapping[str, str] = {}


class Latency(Table):
    """How long the cloud takes, in seconds."""

    create: float
    update: float
    delete: float


class ResourceTable(Table):
    """How one type of resource behaves."""

    about: str
    id: Any
    latency_seconds: Latency
    latency_source: str | None = None
    name: NameRule | None = None
    required: Sequence[str] = ()
    defaults: Mapping[str, Any] = {}
    limits: Mapping[str, Limit] = {}
    conflicts: Sequence[Sequence[str]] = ()
    exactly_one: Sequence[Sequence[str]] = ()
    at_least_one: Sequence[Sequence[str]] = ()
    requires: Mapping[str, Sequence[str]] = {}
    replace: Replacement | None = None
    sets: Sequence[str] = ()
    json_documents: Sequence[str] = Field(default=(), alias="json")
    ignore_case: Sequence[str] = ()
    alike: Mapping[str, str] = {}
    suppress: Mapping[str, str] = {}
    secrets: Sequence[str] = ()
    write_only: Sequence[str] = ()
    keyed: Sequence[str] = ()
    prepare: str | None = None
    outputs: Mapping[str, Any] = {}
    inside: Mapping[str, Any] = {}
    read_back: Mapping[str, str] = {}
    known_at_preview: Sequence[str] = ()
    absent: Sequence[str] = ()
    references: Mapping[str, Reference] = {}
    made_by: Mapping[str, MadeAlong] = {}
    not_found: str = "NotFound"
    in_use: str = "DependencyViolation"
    already_exists: str = "AlreadyExists"
    protection: Protection | None = None
    final_snapshot: FinalSnapshot | None = None
    recovery: Recovery | None = None
    is_global: bool = Field(default=False, alias="global")
    checks: Sequence[str] = ()
    cloud_checks: Sequence[str] = ()
    update_checks: Sequence[str] = ()
    ready_checks: Sequence[str] = ()
    delete_checks: Sequence[str] = ()
    takes_along: str | None = None
    leaves_behind: str | None = None


class Find(Table):
    """The object that a function looks up."""

    type: str
    by: Mapping[str, str]


class FunctionTable(Table):
    """How one function (data source) answers."""

    about: str | None = None
    find: Find | None = None
    not_found: str | None = None
    outputs: Mapping[str, Any] = {}
    call: str | None = None

    @model_validator(mode="after")
    def _answers_in_one_way(self) -> FunctionTable:
        if bool(self.outputs) == bool(self.call):
            raise ValueError("give `outputs` or `call`, and only one of them")
        if self.find is not None and self.not_found is None:
            raise ValueError("`find` needs `not_found`, the cloud's words")
        return self


class Module(Table):
    """The tables of one file."""

    resources: Mapping[str, ResourceTable] = {}
    functions: Mapping[str, FunctionTable] = {}
