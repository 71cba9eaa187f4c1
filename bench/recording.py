"""What a program registers, as its author wrote it: classes and arguments, outputs resolved.

`main` runs as a program of its own in place of the deployment's (`up`, for a preview knows too
little) and writes down what that one registers.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import runpy
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pulumi

SECRET, ARCHIVE, TEXT, FILE = "$secret", "$archive", "$text", "$file"
"""Keys of objects that stand for what JSON cannot say: a secret, an archive, an asset that is a
text or a file."""

DOCUMENTS = ("kubeconfig",)
"""Arguments of providers that are JSON because their author wrote it."""

NAMED_OTHERWISE = {("pulumi:pulumi:StackReference", "name"): "stack_name"}
"""Type and property -> the argument, where the class does not name it by the property."""


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A resource that is no component."""

    urn: str
    type: str
    name: str
    module: str
    """Where the class of the SDK is imported from."""
    class_name: str
    arguments: dict[str, Any]
    """As JSON, with names as in Python."""
    protect: bool
    ignore_changes: list[str]


class Recorder:
    """Notes what is registered from now on."""

    def __init__(self) -> None:
        self._seen: list[pulumi.ResourceTransformationArgs] = []
        pulumi.runtime.register_stack_transformation(self._note)

    def _note(self, args: pulumi.ResourceTransformationArgs) -> None:
        if isinstance(args.resource, pulumi.CustomResource):
            self._seen.append(args)

    def recording(self) -> pulumi.Output[list[Recorded]]:
        """All of it, in order. To be asked for when the program has registered everything."""

        async def collect() -> list[Recorded]:
            return list(await asyncio.gather(*map(_recorded, self._seen)))

        return pulumi.Output.from_input(collect())


def main(file: str) -> None:
    """Deploy the stack as `infra` does, and write down what it registers."""
    recorder = Recorder()
    runpy.run_module("infra", run_name="__main__")

    def write(recording: list[Recorded]) -> int:
        text = json.dumps([asdict(each) for each in recording])
        Path(file).write_text(text, encoding="utf-8")
        return len(recording)

    pulumi.export("recorded", recorder.recording().apply(write))


def read(file: Path) -> list[Recorded]:
    """A recording that `main` has written."""
    return [Recorded(**each) for each in json.loads(file.read_text(encoding="utf-8"))]


async def _recorded(args: pulumi.ResourceTransformationArgs) -> Recorded:
    arguments = {}
    for name, value in _fields(args.props).items():
        # What the author left out, and outputs that the class declares, stand there as nothing.
        if value is not None:
            output = pulumi.Output.from_input(value)
            plain = _json(await output.future())
            if isinstance(args.resource, pulumi.ProviderResource) and name not in DOCUMENTS:
                plain = _unwritten(plain)
            written = NAMED_OTHERWISE.get((args.type_, name), name)
            arguments[written] = {SECRET: plain} if await output.is_secret() else plain
    module, class_name = _home(type(args.resource))
    return Recorded(
        urn=str(await args.resource.urn.future()),
        type=args.type_,
        name=args.name,
        module=module,
        class_name=class_name,
        arguments=arguments,
        protect=bool(args.opts.protect),
        ignore_changes=[str(path) for path in args.opts.ignore_changes or ()],
    )


def _fields(value: Any) -> dict[str, Any]:  # noqa: ANN401  (what the SDK hands over)
    return dict(value) if isinstance(value, dict) else dict(vars(value))


def _json(value: Any) -> Any:  # noqa: ANN401  (any input of any resource)
    """A resolved value without the SDK's classes."""
    if isinstance(value, dict):
        return {str(key): _json(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_json(each) for each in value]
    if isinstance(value, pulumi.AssetArchive):
        return {ARCHIVE: _json(value.assets)}
    if isinstance(value, pulumi.StringAsset):
        return {TEXT: value.text}
    if isinstance(value, pulumi.FileAsset):
        return {FILE: str(value.path)}
    if value is None or isinstance(value, str | int | float):
        return value
    if type(value).__module__.endswith("._inputs"):
        return {name: _json(each) for name, each in _fields(value).items() if each is not None}
    raise TypeError(f"a flat program cannot say a {type(value).__name__}")


def _unwritten(argument: Any) -> Any:  # noqa: ANN401  (JSON)
    """A provider's argument before its class wrote it as JSON, as the protocol wants them."""
    written = str(argument).startswith(("{", "[")) or argument in ("true", "false")
    return json.loads(argument) if written else argument


def _home(own: type) -> tuple[str, str]:
    """The shortest import of a class of an SDK."""
    home, name = own.__module__, own.__name__
    while "." in home:
        outer = home.rpartition(".")[0]
        if getattr(importlib.import_module(outer), name, None) is not own:
            break
        home = outer
    return home, name
