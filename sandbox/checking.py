"""Check: from what the user wrote to the inputs that the provider takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from sandbox.cloud import Cloud, Properties, UnknownValueError
from sandbox.errors import Problem
from sandbox.naming import Autonaming, Naming, NoNameError, automatic_name, name_problems
from sandbox.outputs import DEFAULTS, prefix_property, seal
from sandbox.package import ResourceType
from sandbox.validation import check_inputs
from sandbox.values import Properties as Values
from sandbox.values import Value, has_unknown, plain


def check(
    kind: ResourceType,
    cloud: Cloud,
    *,
    logical_name: str,
    news: Mapping[str, Value],
    olds: Mapping[str, Value],
    seed: bytes,
    wish: Autonaming,
) -> tuple[Values, list[Problem]]:
    """The inputs with defaults and name filled in, and everything that is wrong with them."""
    inputs = {name: value for name, value in news.items() if not name.startswith("__")}
    filled: list[str] = []
    problems: list[Problem] = []
    for name, value in kind.table.defaults.items():
        if "." in name:
            _fill_inside(inputs, name, value)
        elif inputs.get(name) is None and not _excluded(kind, name, inputs):
            inputs[name] = value
            filled.append(name)
    if kind.table.prepare is not None:
        try:
            inputs = kind.package.hook(kind.table.prepare)(
                inputs, olds, Naming(logical_name, seed, wish), cloud
            )
        except NoNameError as error:
            problems.append(Problem("metadata", str(error)))
    try:
        filled += _fill_name(kind, logical_name, inputs, olds, seed, wish)
    except NoNameError as error:
        problems.append(Problem(kind.table.name.property if kind.table.name else "", str(error)))
    typed, found = check_inputs(kind, inputs)
    problems += found
    if not found:
        problems += _name_problems(kind, typed)
        problems += run_checks(kind, kind.table.checks, Properties.of(typed), cloud)
    checked = seal(typed, kind.table.secrets)
    if filled:
        checked[DEFAULTS] = sorted(filled)
    return checked, problems


def _fill_inside(inputs: Values, path: str, value: Value) -> None:
    """A default of a property inside an object that the user gave."""
    outer, _, name = path.partition(".")
    given = inputs.get(outer)
    if isinstance(given, dict) and given.get(name) is None:
        inputs[outer] = {**given, name: value}


def _excluded(kind: ResourceType, name: str, inputs: Mapping[str, Value]) -> bool:
    """Whether a default would conflict with what the user gave."""
    groups = (*kind.table.conflicts, *kind.table.exactly_one)
    return any(
        name in group and any(inputs.get(other) is not None for other in group) for group in groups
    )


def _fill_name(
    kind: ResourceType,
    logical_name: str,
    inputs: Values,
    olds: Mapping[str, Value],
    seed: bytes,
    wish: Autonaming,
) -> list[str]:
    rule = kind.table.name
    if rule is None or not rule.auto or inputs.get(rule.property) is not None:
        return []
    prefix = prefix_property(kind)
    if prefix is not None and inputs.get(prefix) is not None:
        return []
    if _excluded(kind, rule.property, inputs):
        return []
    kept = olds.get(rule.property) if rule.property in _filled_before(olds) else None
    if kept is None:
        kept = automatic_name(rule, logical_name, seed, wish, inputs)
    inputs[rule.property] = kept
    return [rule.property]


def _filled_before(olds: Mapping[str, Value]) -> Sequence[str]:
    return olds.get(DEFAULTS) or ()


def _name_problems(kind: ResourceType, inputs: Mapping[str, Value]) -> Iterator[Problem]:
    rule = kind.table.name
    if rule is None:
        return
    name = inputs.get(rule.property)
    if name is not None and not has_unknown(name):
        yield from name_problems(rule, plain(name))


def run_checks(kind: ResourceType, names: Iterable[str], *arguments: object) -> list[Problem]:
    """What the named functions find wrong; one that needs an unknown value says nothing more."""
    problems: list[Problem] = []
    for name in names:
        function: Callable[..., Iterator[Problem]] = kind.package.hook(name)
        found = function(*arguments)
        while True:
            try:
                problems.append(next(found))
            except (StopIteration, UnknownValueError):
                break
    return problems
