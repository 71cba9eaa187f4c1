"""From a stack file to its bill, without an engine, an account or a key."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from components.args import LlmArgs
from components.letta.providers import own_endpoint
from infra import platforms, settings
from infra.settings import NAMESPACE, Settings, SettingsError
from pricing import savings, stack_yaml
from pricing.bill import Bill, price
from pricing.book import Book
from pricing.plans import inventory, priced
from pricing.tariffs import Terms

_PREFIX = f"{NAMESPACE}:"
_SECURE = "secure"
"""The one key of an encrypted value, as the engine writes it into a stack file."""
_PLACEHOLDER = "encrypted"
"""Stands for an encrypted value: a bill needs to know that there is one, not what it is."""


class StackFileError(ValueError):
    """A file that cannot be read as a stack file; says which, and why."""


@dataclass(frozen=True, kw_only=True)
class StackFile:
    """The `letta:` values of a stack file, as `infra.settings.load` takes them."""

    values: Mapping[str, str]
    """Key without namespace -> value as the engine hands it over (objects as JSON)."""
    secret_keys: frozenset[str]
    """Keys that hold at least one encrypted value."""
    written: Mapping[str, Any]
    """The values as they stand in the file, encrypted ones still encrypted."""


def read(file: Path) -> StackFile:
    """Read a stack file. Encrypted values are not decrypted.

    Raises `StackFileError` if it is no stack file, or if a whole key of it is encrypted.
    """
    config = _config(file)
    written = {
        key.removeprefix(_PREFIX): value
        for key, value in config.items()
        if isinstance(key, str) and key.startswith(_PREFIX) and value is not None
    }
    for key, value in written.items():
        if _encrypted(value):
            raise StackFileError(
                f"{file}: {_PREFIX}{key} is encrypted as a whole, so what it costs cannot be told; "
                f"encrypt the keys inside it alone: pulumi config set --secret --path {_PREFIX}"
                f"{key}.<…>"
            )
    return StackFile(
        values={key: _as_handed_over(value) for key, value in written.items()},
        secret_keys=frozenset(key for key, value in written.items() if _holds_secrets(value)),
        written=written,
    )


def load(
    values: Mapping[str, str],
    secret_keys: Collection[str] = (),
    written: Mapping[str, Any] | None = None,
) -> Settings:
    """Understand the values of a stack file. Raises `SettingsError` with every problem found."""
    try:
        return settings.load(
            values,
            secret_keys=secret_keys,
            written=written,
            clouds=platforms.CLOUDS,
            catalog=platforms.catalog,
        )
    except SettingsError as error:
        hidden = {f"{_PREFIX}{path}" for path in _encrypted_paths(written or {})}
        raise SettingsError([_of_encrypted(one, hidden) for one in error.problems]) from error


def load_stack(file: Path) -> Settings:
    """The settings of a stack file, with placeholders for its secrets.

    Raises `StackFileError` as `read` does, and `SettingsError` as `load` does.
    """
    found = read(file)
    return load(found.values, found.secret_keys, found.written)


def bill_of(settings: Settings, book: Book, terms: Terms | None = None) -> Bill:
    """What a month of a deployment of these settings costs under its declared workload.

    `terms`: default, those that its savings state. Raises `Unpriced` where prices are missing.
    """
    agreed = terms or savings.terms(settings.savings)
    known = priced(book, settings.cloud, settings.options)
    bill = price(inventory(settings), settings.workload, known, agreed)
    return replace(bill, warnings=(*_own_endpoints(settings), *bill.warnings))


def _own_endpoints(settings: Settings) -> Iterator[str]:
    """One warning for each model that neither a provider bills for nor the stack serves."""
    llm, embedding = settings.llm, settings.embedding
    for role, handle in (
        ("llm", "" if _served(llm) else llm.model),
        ("embedding", embedding.model if embedding.hosting == "api" else ""),
    ):
        if handle and own_endpoint(handle):
            yield (
                f"letta:{role}.model: the tokens of {handle!r} are not billed, as that is an "
                "endpoint of your own; what its machines cost is no part of this bill"
            )


def _served(llm: LlmArgs) -> bool:
    """Whether the language model is one that the stack itself serves."""
    return llm.hosting != "api" and str(llm.model).partition("/")[0] == llm.hosting


def _config(file: Path) -> Mapping[Any, Any]:
    try:
        content = stack_yaml.load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise StackFileError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise StackFileError(f"{file}: is no text in UTF-8 ({error.reason})") from error
    except yaml.YAMLError as error:
        raise StackFileError(f"{file}: is no YAML: {_first_line(error)}") from error
    if not isinstance(content, dict):
        raise StackFileError(
            f"{file}: is no stack file: it must be a mapping with the key `config`, "
            f"not {_kind(content)}"
        )
    config = content.get("config")
    if not isinstance(config, dict):
        raise StackFileError(
            f"{file}: is no stack file: `config` must be a mapping of keys such as "
            f"`{_PREFIX}tier`, not {_kind(config)}"
        )
    return config


def _first_line(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    return f"{problem}, line {mark.line + 1}" if mark else problem


def _kind(value: object) -> str:
    names: dict[type, str] = {list: "a list", dict: "a mapping", str: "a text"}
    return "empty" if value is None else names.get(type(value), f"the value {value}")


def _as_handed_over(value: Any) -> str:  # noqa: ANN401  (any YAML)
    """As the engine hands a value to a program: text as it is, the rest as JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(_without_secrets(value))


def _without_secrets(value: Any) -> Any:  # noqa: ANN401  (any YAML)
    if _encrypted(value):
        return _PLACEHOLDER
    if isinstance(value, dict):
        return {str(key): _without_secrets(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_secrets(item) for item in value]
    return value


def _encrypted_paths(value: Any, path: str = "") -> Iterator[str]:  # noqa: ANN401  (any YAML)
    """Where encrypted values stand, `workload.agents`."""
    if _encrypted(value):
        yield path
    elif isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            yield from _encrypted_paths(item, f"{path}.{key}" if path else str(key))


def _of_encrypted(problem: str, hidden: Collection[str]) -> str:
    """The problem, or what is behind it where it is about the placeholder of an encrypted value."""
    place, _, told = problem.partition(": ")
    if place not in hidden or told.startswith("unknown key"):
        return problem
    return (
        f"{place}: is encrypted, so what it costs cannot be told; it is no secret, so write it in "
        f"plain text: pulumi config set --path '{place}' <value>"
    )


def _holds_secrets(value: Any) -> bool:  # noqa: ANN401  (any YAML)
    if isinstance(value, dict):
        return _encrypted(value) or any(_holds_secrets(item) for item in value.values())
    return isinstance(value, list) and any(_holds_secrets(item) for item in value)


def _encrypted(value: Any) -> bool:  # noqa: ANN401  (any YAML)
    return isinstance(value, dict) and set(value) == {_SECURE}
