"""A stand-in for the engine: it asks the sandbox over gRPC as the engine does."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import grpc
from google.protobuf import empty_pb2
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from sandbox.values import Properties, from_struct, to_struct

_Request = TypeVar("_Request")
_Response = TypeVar("_Response")
_STACK = "urn:pulumi:test::letta"


class Refused(Exception):  # noqa: N818 - an answer of the cloud
    """The sandbox refused; `code` is the gRPC code, `reasons` those of a partly created object."""

    def __init__(self, error: grpc.RpcError) -> None:
        super().__init__(error.details())
        self.code = error.code()
        self.partly = _partly_created(error)


def _partly_created(error: grpc.RpcError) -> provider_pb2.ErrorResourceInitFailed | None:
    metadata = cast(Iterable[tuple[str, bytes]], error.trailing_metadata() or ())
    for key, value in metadata:
        if key == "grpc-status-details-bin":
            status = status_pb2.Status.FromString(value)
            found = provider_pb2.ErrorResourceInitFailed()
            if status.details and status.details[0].Unpack(found):
                return found
    return None


@dataclass
class Resource:
    """A resource as the engine's state holds it."""

    type: str
    name: str
    id: str
    inputs: Properties
    outputs: Properties

    @property
    def urn(self) -> str:
        """Its URN."""
        return urn(self.type, self.name)


def urn(type_token: str, name: str) -> str:
    """The URN of a resource of the test stack."""
    return f"{_STACK}::{type_token}::{name}"


@dataclass
class Checked:
    """What Check answered; `failures` are pairs of property and reason."""

    inputs: Properties
    failures: list[tuple[str, str]]


@dataclass
class Diffed:
    """What Diff answered; `changes` maps paths to kinds in the protocol's words."""

    changes: dict[str, str]
    replaces: list[str]
    delete_before_replace: bool


@dataclass
class Engine:
    """One connection of an engine to the sandbox, configured for one package."""

    port: int
    package: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # A channel of its own, as every provider instance of the engine has.
        self._channel = grpc.insecure_channel(
            f"127.0.0.1:{self.port}", options=[("grpc.use_local_subchannel_pool", 1)]
        )
        self.stub = provider_pb2_grpc.ResourceProviderStub(self._channel)
        self._seeds = itertools.count()

    def close(self) -> None:
        """Close the connection."""
        self._channel.close()

    def configure(self) -> None:
        """Configure the provider."""
        type_token = f"pulumi:providers:{self.package}"
        self._call(
            self.stub.Configure,
            provider_pb2.ConfigureRequest(
                type=type_token, urn=urn(type_token, "default"), args=to_struct(self.arguments)
            ),
        )

    def check_config(self, arguments: Mapping[str, Any]) -> list[tuple[str, str]]:
        """The failures that CheckConfig finds."""
        type_token = f"pulumi:providers:{self.package}"
        answer = self._call(
            self.stub.CheckConfig,
            provider_pb2.CheckRequest(
                type=type_token, urn=urn(type_token, "default"), news=to_struct(arguments)
            ),
        )
        return [(failure.property, failure.reason) for failure in answer.failures]

    def check(
        self,
        type_token: str,
        name: str,
        news: Mapping[str, Any],
        olds: Mapping[str, Any] | None = None,
        autonaming: provider_pb2.CheckRequest.AutonamingOptions | None = None,
        seed: bytes | None = None,
    ) -> Checked:
        """Check the inputs."""
        answer = self._call(
            self.stub.Check,
            provider_pb2.CheckRequest(
                type=type_token,
                name=name,
                urn=urn(type_token, name),
                news=to_struct(news),
                olds=to_struct(olds or {}),
                randomSeed=seed or f"seed {next(self._seeds)}".encode(),
                autonaming=autonaming,
            ),
        )
        failures = [(failure.property, failure.reason) for failure in answer.failures]
        return Checked(from_struct(answer.inputs), failures)

    def checked(
        self,
        type_token: str,
        name: str,
        news: Mapping[str, Any],
        olds: Mapping[str, Any] | None = None,
    ) -> Properties:
        """The checked inputs; the check must pass."""
        answer = self.check(type_token, name, news, olds)
        assert answer.failures == []
        return answer.inputs

    def preview(self, type_token: str, name: str, news: Mapping[str, Any]) -> Properties:
        """The outputs of a create in a preview."""
        inputs = self.checked(type_token, name, news)
        answer = self._call(
            self.stub.Create,
            provider_pb2.CreateRequest(
                type=type_token,
                name=name,
                urn=urn(type_token, name),
                properties=to_struct(inputs),
                preview=True,
            ),
        )
        return from_struct(answer.properties)

    def create(self, type_token: str, name: str, news: Mapping[str, Any]) -> Resource:
        """Check and create."""
        inputs = self.checked(type_token, name, news)
        answer = self._call(
            self.stub.Create,
            provider_pb2.CreateRequest(
                type=type_token,
                name=name,
                urn=urn(type_token, name),
                properties=to_struct(inputs),
            ),
        )
        return Resource(type_token, name, answer.id, inputs, from_struct(answer.properties))

    def diff(
        self, resource: Resource, news: Mapping[str, Any], ignored: Iterable[str] = ()
    ) -> Diffed:
        """Check the new inputs against the old ones, and diff. `ignored`: `ignore_changes`."""
        return self._diff(
            resource, self.checked(resource.type, resource.name, news, resource.inputs), ignored
        )

    def _diff(self, resource: Resource, inputs: Properties, ignored: Iterable[str]) -> Diffed:
        answer = self._call(
            self.stub.Diff,
            provider_pb2.DiffRequest(
                id=resource.id,
                type=resource.type,
                name=resource.name,
                urn=resource.urn,
                olds=to_struct(resource.outputs),
                old_inputs=to_struct(resource.inputs),
                news=to_struct(inputs),
                ignoreChanges=ignored,
            ),
        )
        kinds = provider_pb2.PropertyDiff.Kind
        found = {path: kinds.Name(diff.kind) for path, diff in answer.detailedDiff.items()}
        some = provider_pb2.DiffResponse.DIFF_SOME
        assert (answer.changes == some) == bool(found)
        return Diffed(found, list(answer.replaces), answer.deleteBeforeReplace)

    def update(
        self,
        resource: Resource,
        news: Mapping[str, Any],
        *,
        preview: bool = False,
        ignored: Iterable[str] = (),
    ) -> Resource:
        """Check and update in place."""
        inputs = self.checked(resource.type, resource.name, news, resource.inputs)
        answer = self._call(
            self.stub.Update,
            provider_pb2.UpdateRequest(
                id=resource.id,
                type=resource.type,
                name=resource.name,
                urn=resource.urn,
                olds=to_struct(resource.outputs),
                old_inputs=to_struct(resource.inputs),
                news=to_struct(inputs),
                preview=preview,
                ignoreChanges=ignored,
            ),
        )
        outputs = from_struct(answer.properties)
        return Resource(resource.type, resource.name, resource.id, inputs, outputs)

    def read(self, resource: Resource) -> Resource | None:
        """Refresh."""
        return self._read(
            resource.type,
            resource.name,
            resource.id,
            to_struct(resource.outputs),
            to_struct(resource.inputs),
        )

    def import_by_id(self, type_token: str, name: str, object_id: str) -> Resource | None:
        """Read with nothing but the id."""
        return self._read(type_token, name, object_id, None, None)

    def _read(
        self,
        type_token: str,
        name: str,
        object_id: str,
        properties: Struct | None,
        inputs: Struct | None,
    ) -> Resource | None:
        answer = self._call(
            self.stub.Read,
            provider_pb2.ReadRequest(
                id=object_id,
                type=type_token,
                name=name,
                urn=urn(type_token, name),
                properties=properties,
                inputs=inputs,
            ),
        )
        if not answer.id:
            return None
        return Resource(
            type_token,
            name,
            answer.id,
            from_struct(answer.inputs),
            from_struct(answer.properties),
        )

    def delete(self, resource: Resource) -> None:
        """Delete."""
        self._call(
            self.stub.Delete,
            provider_pb2.DeleteRequest(
                id=resource.id,
                type=resource.type,
                name=resource.name,
                urn=resource.urn,
                properties=to_struct(resource.outputs),
                old_inputs=to_struct(resource.inputs),
            ),
        )

    def invoke(self, token: str, arguments: Mapping[str, Any] | None = None) -> Properties:
        """Call a function."""
        answer = self._call(
            self.stub.Invoke,
            provider_pb2.InvokeRequest(tok=token, args=to_struct(arguments or {})),
        )
        return from_struct(getattr(answer, "return"))

    def cancel(self) -> None:
        """Tell the provider to end what it does for this engine."""
        self._call(self.stub.Cancel, empty_pb2.Empty())

    @staticmethod
    def _call(method: Callable[[_Request], _Response], request: _Request) -> _Response:
        try:
            return method(request)
        except grpc.RpcError as error:
            raise Refused(error) from None
