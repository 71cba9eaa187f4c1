"""The provider protocol: what the engine asks over gRPC, answered by the control plane."""

from __future__ import annotations

import functools
import json
import logging
from collections.abc import Callable
from typing import Final, NoReturn, TypeVar

import grpc
from google.protobuf import any_pb2, empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from sandbox import checking
from sandbox.configuration import ConfigurationError
from sandbox.control_plane import ControlPlane
from sandbox.diff import Change, Kind
from sandbox.errors import PartlyCreated, Refusal
from sandbox.naming import Autonaming, Mode
from sandbox.package import Package, ResourceType
from sandbox.paths import show
from sandbox.planning import plan
from sandbox.sessions import Session, Sessions
from sandbox.values import from_struct, has_unknown, plain, to_struct

_LOG = logging.getLogger(__name__)
_PREFIX = "pulumi:providers:"
_MODES: Final = {
    provider_pb2.CheckRequest.AutonamingOptions.PROPOSE: Mode.PROPOSE,
    provider_pb2.CheckRequest.AutonamingOptions.ENFORCE: Mode.ENFORCE,
    provider_pb2.CheckRequest.AutonamingOptions.DISABLE: Mode.DISABLE,
}
_DIFF_KINDS: Final = {
    (Kind.ADD, False): provider_pb2.PropertyDiff.ADD,
    (Kind.ADD, True): provider_pb2.PropertyDiff.ADD_REPLACE,
    (Kind.DELETE, False): provider_pb2.PropertyDiff.DELETE,
    (Kind.DELETE, True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    (Kind.UPDATE, False): provider_pb2.PropertyDiff.UPDATE,
    (Kind.UPDATE, True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


_Request = TypeVar("_Request")
_Response = TypeVar("_Response")


def _answering(
    method: Callable[[Provider, _Request, grpc.ServicerContext], _Response],
) -> Callable[[Provider, _Request, grpc.ServicerContext], _Response]:
    """Turn refusals into gRPC errors that the engine shows to the user."""

    @functools.wraps(method)
    def answer(self: Provider, request: _Request, context: grpc.ServicerContext) -> _Response:
        try:
            return method(self, request, context)
        except Refusal as refusal:
            context.abort(refusal.code, refusal.message)
        except PartlyCreated as partly:
            _abort_partly_created(context, partly)

    return answer


def _abort_partly_created(context: grpc.ServicerContext, partly: PartlyCreated) -> NoReturn:
    detail = any_pb2.Any()
    detail.Pack(
        provider_pb2.ErrorResourceInitFailed(
            id=partly.object_id,
            properties=to_struct(partly.outputs),
            inputs=to_struct(partly.inputs),
            reasons=[partly.reason],
        )
    )
    code = grpc.StatusCode.FAILED_PRECONDITION
    status = status_pb2.Status(code=code.value[0], message=partly.reason, details=[detail])
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(code, partly.reason)


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """Answers for every package; the engine says which by its type tokens."""

    def __init__(
        self, control_plane: ControlPlane, packages: Callable[[str], Package], version: str
    ) -> None:
        self._control_plane = control_plane
        self._package = packages
        self._version = version
        self._sessions = Sessions()

    def stop(self) -> None:
        """End every wait for a simulated latency; what exists by then stays."""
        self._sessions.cancel_all()

    # Setting up

    def Handshake(  # noqa: N802 - the protocol's name, as below
        self, request: provider_pb2.ProviderHandshakeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ProviderHandshakeResponse:
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=True, supports_autonaming_configuration=True
        )

    def Attach(  # noqa: N802
        self, request: plugin_pb2.PluginAttach, context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    def GetPluginInfo(  # noqa: N802
        self, request: empty_pb2.Empty, context: grpc.ServicerContext
    ) -> plugin_pb2.PluginInfo:
        # The engine asks before it says which package it means, and wants at least the version of
        # that package's SDK: the newest of them serves for all.
        return plugin_pb2.PluginInfo(version=self._version)

    def GetSchema(  # noqa: N802
        self, request: provider_pb2.GetSchemaRequest, context: grpc.ServicerContext
    ) -> provider_pb2.GetSchemaResponse:
        name = self._sessions.package_name(context.peer()) or "sandbox"
        return provider_pb2.GetSchemaResponse(schema=json.dumps({"name": name}))

    @_answering
    def CheckConfig(  # noqa: N802
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        found = self._package(_package_of_provider(request.type or request.urn))
        arguments = from_struct(request.news)
        response = provider_pb2.CheckResponse(inputs=request.news)
        if not has_unknown(arguments):
            try:
                found.configure(plain(arguments), found.account)
            except ConfigurationError as error:
                response.failures.add(property=error.argument, reason=error.reason)
        return response

    @_answering
    def DiffConfig(  # noqa: N802
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        found = self._package(_package_of_provider(request.type or request.urn))
        old, new = from_struct(request.old_inputs), from_struct(request.news)
        ignored = {"version", "pluginDownloadURL"}
        names = sorted(
            name
            for name in (old.keys() | new.keys()) - ignored
            if plain(old.get(name)) != plain(new.get(name))
        )
        return provider_pb2.DiffResponse(
            changes=_any_changes(names),
            diffs=names,
            replaces=sorted(found.replacing(plain(old), plain(new))),
        )

    @_answering
    def Configure(  # noqa: N802
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        found = self._package(_package_of_provider(request.type or request.urn))
        try:
            configuration = found.configure(plain(from_struct(request.args)), found.account)
        except ConfigurationError as error:
            raise Refusal.invalid(f"{found.name}: {error}") from error
        self._sessions.open(context.peer(), found, configuration)
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, supports_autonaming_configuration=True
        )

    @_answering
    def Cancel(  # noqa: N802
        self, request: empty_pb2.Empty, context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        self._sessions.cancel(context.peer())
        return empty_pb2.Empty()

    # Resources

    def _opened(self, token: str, context: grpc.ServicerContext) -> tuple[Session, ResourceType]:
        session = self._session(token, context)
        return session, session.package.resource(token)

    def _session(self, token: str, context: grpc.ServicerContext) -> Session:
        return self._sessions.get(context.peer(), self._package(token.partition(":")[0]))

    @_answering
    def Check(  # noqa: N802
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        session, kind = self._opened(request.type, context)
        news = from_struct(request.news)
        region = self._control_plane.region_of(session, news)
        inputs, problems = checking.check(
            kind,
            self._control_plane.cloud(session, region),
            logical_name=request.name,
            news=news,
            olds=from_struct(request.olds),
            seed=request.randomSeed,
            wish=_autonaming(request),
        )
        return provider_pb2.CheckResponse(
            inputs=to_struct(inputs),
            failures=[
                provider_pb2.CheckFailure(property=problem.property, reason=problem.reason)
                for problem in problems
            ],
        )

    @_answering
    def Diff(  # noqa: N802
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        session, kind = self._opened(request.type, context)
        planned = plan(
            kind,
            session.configuration,
            outputs=from_struct(request.olds),
            old_inputs=from_struct(request.old_inputs),
            news=from_struct(request.news),
            ignored=list(request.ignoreChanges),
        )
        names = sorted({change.property for change in planned.changes})
        return provider_pb2.DiffResponse(
            changes=_any_changes(names),
            diffs=names,
            replaces=planned.replaces,
            deleteBeforeReplace=planned.delete_first,
            detailedDiff=_detailed(planned.changes),
            hasDetailedDiff=True,
        )

    @_answering
    def Create(  # noqa: N802
        self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CreateResponse:
        session, kind = self._opened(request.type, context)
        inputs = from_struct(request.properties)
        if request.preview:
            outputs = self._control_plane.preview_create(session, kind, inputs)
            return provider_pb2.CreateResponse(properties=to_struct(outputs))
        _LOG.info("create %s", request.urn)
        made = self._control_plane.create(session, kind, request.urn, inputs)
        return provider_pb2.CreateResponse(id=made.id, properties=to_struct(made.outputs))

    @_answering
    def Read(  # noqa: N802
        self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ReadResponse:
        session, kind = self._opened(request.type, context)
        if not session.package.holds_objects:
            return _echoed(request)
        state = from_struct(request.properties)
        found = self._control_plane.read(session, kind, request.id, state)
        if found is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(
            id=found.id,
            properties=to_struct(found.outputs),
            inputs=to_struct(found.inputs),
        )

    @_answering
    def Update(  # noqa: N802
        self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.UpdateResponse:
        session, kind = self._opened(request.type, context)
        prior, news = from_struct(request.olds), from_struct(request.news)
        planned = plan(
            kind,
            session.configuration,
            outputs=prior,
            old_inputs=from_struct(request.old_inputs),
            news=news,
            ignored=list(request.ignoreChanges),
        )
        if not request.preview:
            _LOG.info("update %s", request.urn)
        outputs = self._control_plane.update(
            session,
            kind,
            request.id,
            prior=prior,
            news=news,
            changed=frozenset(change.property for change in planned.changes),
            kept=planned.kept,
            preview=request.preview,
        )
        return provider_pb2.UpdateResponse(properties=to_struct(outputs))

    @_answering
    def Delete(  # noqa: N802
        self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        session, kind = self._opened(request.type, context)
        _LOG.info("delete %s", request.urn)
        self._control_plane.delete(session, kind, request.id, from_struct(request.properties))
        return empty_pb2.Empty()

    # Functions

    @_answering
    def Invoke(  # noqa: N802
        self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.InvokeResponse:
        session = self._session(request.tok, context)
        answer = self._control_plane.invoke(session, request.tok, from_struct(request.args))
        response = provider_pb2.InvokeResponse()
        # The field is called `return`, which Python cannot write.
        getattr(response, "return").CopyFrom(to_struct(answer))
        return response

    @_answering
    def Call(  # noqa: N802
        self, request: provider_pb2.CallRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CallResponse:
        raise Refusal.unknown(f"the sandbox has no method {request.tok}", "use resources alone")

    @_answering
    def Construct(  # noqa: N802
        self, request: provider_pb2.ConstructRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConstructResponse:
        raise Refusal.unknown(
            f"the sandbox has no component {request.type}", "use its resources directly"
        )


def _package_of_provider(token: str) -> str:
    """`aws` of `pulumi:providers:aws`, which may stand inside a URN."""
    return token.partition(_PREFIX)[2].partition(":")[0]


def _autonaming(request: provider_pb2.CheckRequest) -> Autonaming:
    if not request.HasField("autonaming"):
        return Autonaming()
    wish = request.autonaming
    return Autonaming(mode=_MODES[wish.mode], proposed=wish.proposed_name)


def _any_changes(names: list[str]) -> provider_pb2.DiffResponse.DiffChanges.ValueType:
    kinds = provider_pb2.DiffResponse
    return kinds.DIFF_SOME if names else kinds.DIFF_NONE


def _detailed(changes: list[Change]) -> dict[str, provider_pb2.PropertyDiff]:
    return {
        show(change.place): provider_pb2.PropertyDiff(
            kind=_DIFF_KINDS[change.kind, change.replaces]
        )
        for change in changes
    }


def _echoed(request: provider_pb2.ReadRequest) -> provider_pb2.ReadResponse:
    """What lives in the state alone is as the state says; there is nothing to import from."""
    if not request.HasField("properties"):
        raise Refusal.unknown(f"the sandbox cannot import a {request.type}", "let it be created")
    return provider_pb2.ReadResponse(
        id=request.id, properties=request.properties, inputs=request.inputs
    )
