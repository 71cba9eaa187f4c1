"""The same resources as one flat program: no components, every input a literal.

It imports the same classes, gives them the same arguments and makes the same resource wait for the
same others, so all that it lacks is the assembly.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import chain
from bench.recording import ARCHIVE, FILE, SECRET, TEXT, Recorded, read
from bench.workbench import Workbench

Waits = Mapping[str, Collection[str]]
"""URN -> the URNs that it waits for, its provider among them."""

RECORDER = "from bench.recording import main\n\nmain({file!r})\n"
PLAIN = "import flat\n"
"""The program is a module beside its entry point, as ours is: Python keeps its byte code."""
TUNED = f"""import atexit
import gc

gc.disable()
atexit.register(gc.freeze)

import pulumi

pulumi.log.debug = lambda *_args, **_options: None
{PLAIN}"""
"""The same with the settings of `infra/__main__.py` that have nothing to do with assembly."""


@dataclass(frozen=True, kw_only=True)
class Flat:
    """A flat program in two folders."""

    resources: int
    plain: Path
    """As anyone would write it."""
    tuned: Path
    """With the interpreter set as our program sets it."""


def make(bench: Workbench, stack: str) -> Flat:
    """Deploy a stack in the sandbox and write its flat program."""
    file = bench.folder / f"recording-{stack}.json"
    program = bench.program(f"recorder-{stack}", {"__main__.py": RECORDER.format(file=str(file))})
    bench.pulumi(stack, "up", "--yes", "--skip-preview", program=program).output()
    waits = chain.graph(bench.resources(stack))
    recording = read(file)
    source = "\n".join(lines(recording, waits)) + "\n"
    plain, tuned = (
        bench.program(f"flat-{stack}-{kind}", {"__main__.py": starter, "flat.py": source})
        for kind, starter in (("plain", PLAIN), ("tuned", TUNED))
    )
    return Flat(resources=len(recording), plain=plain, tuned=tuned)


def lines(recording: Sequence[Recorded], waits: Waits) -> Iterator[str]:
    """The source of the flat program."""
    variables = {each.urn: f"r{number}" for number, each in enumerate(recording)}
    modules = sorted({each.module for each in recording})
    yield '"""The resources of a stack, one by one."""'
    yield "import pulumi"
    for module in modules:
        package, _, name = module.rpartition(".")
        # The packages load their modules when they are first named.
        yield f"from {package} import {name} as {_alias(module)}" if package else f"import {module}"
    yield "opts = pulumi.ResourceOptions"
    for each in recording:
        arguments = [repr(each.name)]
        arguments += [f"{name}={_source(value)}" for name, value in each.arguments.items()]
        arguments.append(f"opts=opts({', '.join(_options(each, waits, variables))})")
        call = f"{_alias(each.module)}.{each.class_name}({', '.join(arguments)})"
        yield f"{variables[each.urn]} = {call}"


def _alias(module: str) -> str:
    return module.replace(".", "_")


def _options(each: Recorded, waits: Waits, variables: Mapping[str, str]) -> Iterator[str]:
    own = f"{chain.PROVIDER}{each.type.partition(':')[0]}::"
    others = []
    for urn in sorted(waits[each.urn]):
        if urn not in variables:
            # A default provider: the engine makes it for the flat program as well.
            continue
        if own in urn:
            yield f"provider={variables[urn]}"
        else:
            others.append(variables[urn])
    if others:
        yield f"depends_on=[{', '.join(others)}]"
    if each.protect:
        yield "protect=True"
    if each.ignore_changes:
        yield f"ignore_changes={each.ignore_changes!r}"


def _source(value: Any) -> str:  # noqa: ANN401  (JSON)
    if isinstance(value, list):
        return f"[{', '.join(map(_source, value))}]"
    if not isinstance(value, dict):
        return repr(value)
    if SECRET in value:
        return f"pulumi.Output.secret({_source(value[SECRET])})"
    if ARCHIVE in value:
        return f"pulumi.AssetArchive({_source(value[ARCHIVE])})"
    if TEXT in value:
        return f"pulumi.StringAsset({value[TEXT]!r})"
    if FILE in value:
        return f"pulumi.FileAsset({value[FILE]!r})"
    return "{" + ", ".join(f"{key!r}: {_source(each)}" for key, each in value.items()) + "}"
