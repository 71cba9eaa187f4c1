"""The functions (data sources) that a program calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sandbox.cloud import Cloud, CloudObject, Properties
from sandbox.errors import Refusal
from sandbox.package import Package
from sandbox.spec import FunctionTable
from sandbox.templates import Evaluator, Origin
from sandbox.values import Properties as Values
from sandbox.values import plain


def answer(
    package: Package,
    table: FunctionTable,
    arguments: Values,
    cloud: Cloud,
    origin: Origin,
    next_number: Callable[[str], int],
) -> Values:
    """What the function returns. Raises Refusal."""
    if table.call:
        return dict(package.hook(table.call)(Properties.of(arguments), cloud))
    evaluator = Evaluator(
        lookup=arguments.get,
        templates=table.outputs,
        cloud=cloud,
        origin=origin,
        hook=package.hook,
        follow=lambda path: None,
        next_number=next_number,
        found=_found(table, arguments, cloud),
    )
    outputs = {name: evaluator.output(name) for name in table.outputs}
    return {name: value for name, value in outputs.items() if value is not None}


def _found(table: FunctionTable, arguments: Values, cloud: Cloud) -> CloudObject | None:
    if table.find is None:
        return None
    wanted = {
        attribute: plain(arguments[argument])
        for argument, attribute in table.find.by.items()
        if arguments.get(argument) is not None
    }
    for item in cloud.all(table.find.type):
        if _has(item, wanted):
            return item
    given = ", ".join(f"{name} {value!r}" for name, value in wanted.items())
    raise Refusal.missing(f"{table.not_found} ({given})")


def _has(item: CloudObject, wanted: Mapping[str, object]) -> bool:
    return all(item.get(attribute) == value for attribute, value in wanted.items())
