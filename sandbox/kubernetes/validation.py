"""An object held against its schema, in words that name place, value and what is allowed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from sandbox.errors import Problem
from sandbox.kubernetes import schemas
from sandbox.kubernetes.reading import leaves
from sandbox.paths import Place, show
from sandbox.values import Unknown, Value, has_unknown

_COMBINED: Final = frozenset({"anyOf", "oneOf", "allOf", "not", "if"})
_LONGEST: Final = 80
# Under these keys names are the user's own.
_FREE: Final = frozenset({"data", "metadata", "parameters", "stringData"})
_LISTED: Final = Path(__file__).parent / "values.yaml"


def problems(
    object_: Mapping[str, Any], schema: schemas.KindSchema, version: str | None
) -> Iterator[Problem]:
    """What the API server of 1.32 would refuse, and that of the cluster when it is another."""
    yield from by_schemas(object_, schema.validators.items())
    if schema.custom or version in schema.validators or version not in schemas.versions():
        return
    other = schemas.of_kind(object_["apiVersion"], object_["kind"], version)
    if other is None:
        yield Problem(
            "apiVersion",
            f"the cluster runs Kubernetes {version}, which has no {object_['kind']} in "
            f"{object_['apiVersion']} any more",
        )
    else:
        yield from by_schemas(object_, other.validators.items())


def by_schemas(
    object_: Value, validators: Iterable[tuple[str, Draft202012Validator]], place: Place = ()
) -> Iterator[Problem]:
    """What each of the validators finds; unknown values fit everywhere."""
    for version, validator in validators:
        where = f" (Kubernetes {version})" if version else ""
        for error in validator.iter_errors(object_):
            if isinstance(error.instance, Unknown):
                continue
            if error.validator in _COMBINED and has_unknown(error.instance):
                continue
            here = (*place, *error.absolute_path)
            yield Problem(str(here[0]) if here else "kind", _words(error, here) + where, here)


def _words(error: ValidationError, place: Place) -> str:
    at = f"{show(place)}: " if place else ""
    value: Value = error.instance
    wanted: Any = error.validator_value
    schema: Any = error.schema
    if error.validator == "additionalProperties" and isinstance(value, dict):
        allowed = schema.get("properties", {})
        return "; ".join(
            f"{at}unknown field {name!r}{_nearest(name, allowed)}"
            for name in value
            if name not in allowed
        )
    if error.validator == "required":
        missing = [name for name in wanted if name not in value]
        return f"{at}missing field{'s' if len(missing) > 1 else ''} {', '.join(missing)}"
    if error.validator == "type":
        kinds = [wanted] if isinstance(wanted, str) else [kind for kind in wanted if kind != "null"]
        return f"{at}expected {' or '.join(kinds)}, got {_shown(value)}"
    if error.validator == "enum":
        return f"{at}{_shown(value)} is not one of {', '.join(map(str, wanted))}"
    return f"{at}{_shown(value)} does not fit {error.validator} {wanted}"


def _nearest(name: str, allowed: Iterable[str]) -> str:
    names = sorted(allowed)
    close = difflib.get_close_matches(name, names, n=1)
    if close:
        return f", did you mean {close[0]!r}?"
    return f"; there are {', '.join(names)}" if names else ""


def _shown(value: Value) -> str:
    if isinstance(value, dict):
        return f"an object with {', '.join(sorted(value)) or 'nothing'}"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    text = repr(value)
    return text if len(text) <= _LONGEST else f"a {type(value).__name__} of {len(text)} characters"


@cache
def _listed() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = yaml.safe_load(_LISTED.read_text(encoding="utf-8"))["one_of"]
    return loaded


def listed_values(object_: Mapping[str, Any]) -> Iterator[Problem]:
    """Values that the API server takes from a list, which its schemas do not hold."""
    for place, value in leaves(object_):
        keys = [part for part in place if isinstance(part, str)]
        if not isinstance(value, str) or _FREE.intersection(keys[:-1]):
            continue
        for ending in (".".join(keys[-2:]), keys[-1]):
            allowed = _listed().get(ending)
            if allowed and value not in allowed:
                text = f"{show(place)}: {value!r} is not one of {', '.join(allowed)}"
                yield Problem(str(place[0]), text, place)
