"""A stack with one thing altered, as a hand that edits a working one would alter it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sandbox.aws.live import secrets
from sandbox.aws.live.secrets import SECRET_VERSION
from sandbox.aws.live.tasks import TASK_DEFINITION
from sandbox.cloud import CloudObject
from sandbox.live.spec import Objects

Container = dict[str, Any]


def variable(objects: Objects, container: str, name: str, value: str | None) -> Objects:
    """A container's variable set to a value, or taken away."""

    def change(definition: Container) -> None:
        for kind in ("environment", "secrets"):
            kept = [item for item in definition.get(kind, ()) if item["name"] != name]
            definition[kind] = kept
        if value is not None:
            definition["environment"].append({"name": name, "value": value})

    return _containers(objects, container, change)


def command(objects: Objects, container: str, *words: str) -> Objects:
    """A container that runs something else."""

    def change(definition: Container) -> None:
        definition["command"] = list(words)

    return _containers(objects, container, change)


def script(objects: Objects, container: str, old: str, new: str) -> Objects:
    """A container's command with another text in place of one that it holds once."""

    def change(definition: Container) -> None:
        words = definition["command"]
        assert sum(word.count(old) for word in words) == 1, f"not there, or several times: {old}"
        definition["command"] = [word.replace(old, new) for word in words]

    return _containers(objects, container, change)


def secret(objects: Objects, container: str, name: str, old: str, new: str) -> Objects:
    """The secret behind a container's variable with another text in place of one in it."""
    references = {
        item["valueFrom"]
        for definition in _definitions(objects)
        for item in definition.get("secrets", ())
        if definition["name"] == container and item["name"] == name
    }
    [value] = {secrets.secret(objects, reference) for reference in references}

    def change(item: CloudObject) -> CloudObject:
        if item.type != SECRET_VERSION or item.get("secretString") != value:
            return item
        return _with(item, secretString=value.replace(old, new, 1))

    return _changed(objects, change)


def _containers(objects: Objects, container: str, change: Callable[[Container], None]) -> Objects:
    def changed(item: CloudObject) -> CloudObject:
        if item.type != TASK_DEFINITION:
            return item
        definitions = json.loads(str(item.get("containerDefinitions")))
        for definition in definitions:
            if definition["name"] == container:
                change(definition)
        return _with(item, containerDefinitions=json.dumps(definitions))

    return _changed(objects, changed)


def _definitions(objects: Objects) -> list[Container]:
    return [
        definition
        for item in objects.all(TASK_DEFINITION)
        for definition in json.loads(str(item.get("containerDefinitions")))
    ]


def _with(item: CloudObject, **values: Any) -> CloudObject:  # noqa: ANN401 - of any kind
    return replace(item, outputs={**item.outputs, **values})


def _changed(objects: Objects, change: Callable[[CloudObject], CloudObject]) -> Objects:
    """Raises AssertionError where nothing changes: then the stack itself has that fault."""
    before = objects.everything
    after = [change(item) for item in before]
    same = [item.outputs for item in after] == [item.outputs for item in before]
    assert not same, "the stack is already what this would make of it"
    return Objects(after)
