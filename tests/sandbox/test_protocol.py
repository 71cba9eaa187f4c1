"""The rest of the protocol: connections, functions, and what the sandbox does not simulate."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.metadata import version

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from sandbox import packages
from sandbox.server import Server
from sandbox.sessions import Sessions
from sandbox.values import Properties, to_struct
from tests.sandbox.engine import Engine, Refused
from tests.sandbox.toy import TOY

NETWORK = "toy:index/network:Network"
HOST = "toy:index/host:Host"


def test_the_handshake_says_what_the_sandbox_understands(cloud: Engine) -> None:
    answer = cloud.stub.Handshake(provider_pb2.ProviderHandshakeRequest())
    assert answer.accept_secrets
    assert answer.supports_autonaming_configuration
    assert not answer.accept_outputs
    assert not answer.accept_resources
    configured = cloud.stub.Configure(
        provider_pb2.ConfigureRequest(
            type="pulumi:providers:toy", args=to_struct({"region": "north"})
        )
    )
    assert configured.acceptSecrets
    assert configured.supportsPreview
    assert configured.supports_autonaming_configuration


def numbers(release: str) -> list[int]:
    return [int(part) for part in release.split(".")]


def test_plugin_info_and_schema_answer(cloud: Engine) -> None:
    said = cloud.stub.GetPluginInfo(empty_pb2.Empty()).version
    sdks = [version(packages.package(name).sdk) for name in packages.NAMES]
    assert said in sdks
    assert all(numbers(sdk) <= numbers(said) for sdk in sdks)
    schema = cloud.stub.GetSchema(provider_pb2.GetSchemaRequest()).schema
    assert json.loads(schema) == {"name": "toy"}


def test_every_connection_has_a_configuration_of_its_own(connect: Callable[..., Engine]) -> None:
    north, south = connect("toy", region="north"), connect("toy", region="south")
    assert north.invoke("toy:index/getRegion:getRegion")["name"] == "north"
    assert south.invoke("toy:index/getRegion:getRegion")["name"] == "south"
    assert north.create(NETWORK, "net", {"range": "x"}).outputs["region"] == "north"


def test_a_connection_that_is_not_configured_is_refused(server: Server) -> None:
    engine = Engine(server.port, "toy")
    with pytest.raises(Refused, match="the package toy is not configured on this connection"):
        engine.check(NETWORK, "net", {"range": "x"})
    engine.close()


def test_a_connection_answers_for_the_package_it_configured(cloud: Engine) -> None:
    with pytest.raises(Refused, match="the package random is not configured"):
        cloud.check("random:index/randomId:RandomId", "id", {"byteLength": 4})


def test_a_bad_configuration_is_refused_with_the_argument(connect: Callable[..., Engine]) -> None:
    with pytest.raises(Refused, match="toy: region: 'west' is neither north nor south"):
        connect("toy", region="west")


def test_the_oldest_connections_are_forgotten() -> None:
    sessions = Sessions()
    configuration = TOY.configure({"region": "north"}, TOY.account)
    for number in range(5000):
        sessions.open(f"peer {number}", TOY, configuration)
    assert sessions.package_name("peer 0") is None
    assert sessions.package_name("peer 4999") == "toy"


def test_a_provider_in_a_new_region_is_replaced_and_other_changes_are_not(cloud: Engine) -> None:
    def diff(old: Properties, new: Properties) -> provider_pb2.DiffResponse:
        request = provider_pb2.DiffRequest(
            type="pulumi:providers:toy", old_inputs=to_struct(old), news=to_struct(new)
        )
        answer: provider_pb2.DiffResponse = cloud.stub.DiffConfig(request)
        return answer

    same = diff({"region": "north", "version": "1"}, {"region": "north", "version": "2"})
    assert same.changes == provider_pb2.DiffResponse.DIFF_NONE
    moved = diff({"region": "north"}, {"region": "south", "profile": "x"})
    assert (list(moved.diffs), list(moved.replaces)) == (["profile", "region"], ["region"])


# What is not simulated


def test_an_unknown_type_says_which_table_to_write(cloud: Engine) -> None:
    for ask in (
        lambda: cloud.check("toy:far/thing:Thing", "thing", {}),
        lambda: cloud.import_by_id("toy:far/thing:Thing", "thing", "id"),
    ):
        with pytest.raises(Refused) as refusal:
            ask()
        assert str(refusal.value) == (
            "the sandbox has no table for the type toy:far/thing:Thing: describe it in "
            "tests/sandbox/toy/types/far.yaml, as sandbox/README.md shows"
        )
        assert refusal.value.code is grpc.StatusCode.UNIMPLEMENTED


def test_an_unknown_function_says_which_table_to_write(cloud: Engine) -> None:
    with pytest.raises(
        Refused, match=r"no table for the function toy:far/getThing:getThing: .*far"
    ):
        cloud.invoke("toy:far/getThing:getThing")


def test_an_unknown_package_says_what_there_is(connect: Callable[..., Engine]) -> None:
    there_are = ", ".join(packages.NAMES)
    with pytest.raises(
        Refused, match=rf"the sandbox has no package 'nimbus': .* there are {there_are}$"
    ):
        connect("nimbus")


def test_what_is_no_token_is_refused(cloud: Engine) -> None:
    with pytest.raises(Refused, match="'toy:thing' is no type token"):
        cloud.check("toy:thing", "thing", {})


def test_components_and_methods_are_refused_readably(cloud: Engine) -> None:
    with pytest.raises(grpc.RpcError) as construct:
        cloud.stub.Construct(provider_pb2.ConstructRequest(type="toy:index:Stack"))
    assert "the sandbox has no component toy:index:Stack" in str(construct.value)
    with pytest.raises(grpc.RpcError) as call:
        cloud.stub.Call(provider_pb2.CallRequest(tok="toy:index:Stack/method"))
    assert "the sandbox has no method toy:index:Stack/method" in str(call.value)


# Functions


def test_a_function_answers_from_its_templates(cloud: Engine) -> None:
    answer = cloud.invoke("toy:index/getRegion:getRegion")
    assert answer == {"name": "north", "account": "000000000001"}


def test_a_function_finds_an_object_by_its_arguments(cloud: Engine) -> None:
    cloud.create(HOST, "other", {"image": "base", "name": "other"})
    cloud.create(HOST, "web", {"image": "base", "name": "web"})
    answer = cloud.invoke("toy:index/getHost:getHost", {"name": "web"})
    assert answer == {"address": "web.north.toy", "id": "web"}
    with pytest.raises(Refused, match=r"no matching host found \(name 'nobody'\)"):
        cloud.invoke("toy:index/getHost:getHost", {"name": "nobody"})
    with pytest.raises(Refused, match="no matching host found"):
        cloud.invoke("toy:index/getHost:getHost", {"name": "web", "label": "another"})


def test_a_function_can_be_code(cloud: Engine) -> None:
    assert cloud.invoke("toy:index/getSum:getSum", {"numbers": [1, 2, 3]}) == {"total": 6}
