"""The resources of a stack as the policy pack sees them in a first preview.

They come from the real assembly, run against a recording stand-in for the engine: outputs are
the inputs and the automatic name, and what the cloud makes up is undetermined. So the
deployment that rules are tried on cannot drift from the one that is built.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pulumi
import yaml
from google.protobuf import json_format, struct_pb2
from pulumi.runtime import mocks
from pulumi.runtime.proto import provider_pb2, resource_pb2

from components.aws import catalog
from infra import checkout, platforms
from infra.settings import Settings, load
from infra.stack import Deployment
from policies.facts.resource import UNDETERMINED, Resource, decoded

ROOT = Path(__file__).parents[2]
ACCOUNT = "123456789012"
REGION = "us-east-1"

_NAMED_BY = {
    "aws:rds/instance:Instance": "identifier",
    "aws:s3/bucket:Bucket": "bucket",
    "aws:elasticache/replicationGroup:ReplicationGroup": "replicationGroupId",
    "aws:ecs/taskDefinition:TaskDefinition": "family",
}
"""Property that holds the automatic name where it is not `name`."""

_COMPUTED = {
    "aws:ec2/securityGroup:SecurityGroup": ("ingress", "egress"),
    "aws:ecs/service:Service": ("arn", "launchType"),
    "aws:elasticache/replicationGroup:ReplicationGroup": ("numNodeGroups",),
    "aws:iam/role:Role": ("inlinePolicies",),
}
"""Outputs that the cloud makes up, as far as a rule looks at them."""

_OFFERINGS = "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings"
_ZONES = tuple(f"{REGION}{letter}" for letter in "abcdef")
_FUNCTIONS: dict[str, Mapping[str, Any]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": {
        "accountId": ACCOUNT,
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/deployer/session",
    },
    "aws:iam/getSessionContext:getSessionContext": {
        "issuerArn": f"arn:aws:iam::{ACCOUNT}:role/deployer"
    },
    "aws:index/getRegion:getRegion": {"region": REGION},
    "aws:index/getPartition:getPartition": {"partition": "aws"},
    "aws:index/getAvailabilityZones:getAvailabilityZones": {"names": list(_ZONES)},
    "aws:route53/getZone:getZone": {"zoneId": "Z0123456789ABC", "name": "example.com"},
}


def _of_cloud(cloud: str, table: str) -> Mapping[str, Any]:
    """A table of what tests of a cloud's components know: what its functions answer
    (`FUNCTIONS`), which property holds an automatic name (`NAMED_BY`), which outputs the cloud
    makes up (`UNDETERMINED_OUTPUTS`), what of the inputs it reports in another shape
    (`RESHAPED`: name and inputs -> outputs)."""
    deployment = importlib.import_module(f"tests.components.{cloud}.deployment")
    found: Mapping[str, Any] = getattr(deployment, table, {})
    return found


def stack_file(
    tier: str, overrides: Mapping[str, Any], cloud: str = platforms.DEFAULT
) -> dict[str, str]:
    """Values of a tier's own stack file, as the engine hands them over."""
    file = checkout.file(checkout.name_on(tier, cloud))
    config = yaml.safe_load(file.read_text(encoding="utf-8"))["config"]
    values = {key.removeprefix("letta:"): value for key, value in config.items()}
    for key, value in overrides.items():
        both = isinstance(value, dict) and isinstance(values.get(key), dict)
        values[key] = {**values[key], **value} if both else value
    return {
        key: value if isinstance(value, str) else json.dumps(value, default=str)
        for key, value in values.items()
        if value is not None
    }


def resources(
    tier: str, overrides: Mapping[str, Any] | None = None, cloud: str = platforms.DEFAULT
) -> tuple[Resource, ...]:
    """The resources of a tier, with what its stack file is made to say besides."""
    return _resources(tier, json.dumps(overrides or {}), cloud)


@cache
def _resources(tier: str, overrides: str, cloud: str) -> tuple[Resource, ...]:
    settings = load(
        stack_file(tier, json.loads(overrides), cloud),
        secret_keys={"llm"},
        clouds=platforms.CLOUDS,
        catalog=platforms.catalog,
    )
    return _built(tier, settings)


def _built(stack: str, settings: Settings) -> tuple[Resource, ...]:
    monitor = _Monitor(settings.cloud)
    pulumi.runtime.set_mocks(
        _NoMocks(), project="letta", stack=stack, preview=True, monitor=monitor
    )

    def program() -> None:
        Deployment(stack, settings, platforms.platform(settings.cloud))

    pulumi.runtime.test(program)()  # type: ignore[no-untyped-call]
    return tuple(monitor.registered)


class _NoMocks(mocks.Mocks):
    """Never asked: the monitor answers itself."""

    def call(self, args: mocks.MockCallArgs) -> Any:  # noqa: ANN401  (the base's type)
        raise NotImplementedError(args.token)

    def new_resource(self, args: mocks.MockResourceArgs) -> Any:  # noqa: ANN401
        raise NotImplementedError(args.typ)


class _Monitor(mocks.MockMonitor):
    def __init__(self, cloud: str) -> None:
        super().__init__(_NoMocks())
        self.registered: list[Resource] = []
        self._functions = {**_of_cloud(cloud, "FUNCTIONS"), **_FUNCTIONS}
        self._named_by = {**_of_cloud(cloud, "NAMED_BY"), **_NAMED_BY}
        self._computed = {**_of_cloud(cloud, "UNDETERMINED_OUTPUTS"), **_COMPUTED}
        self._reshaped = _of_cloud(cloud, "RESHAPED")

    def Invoke(self, request: Any) -> Any:  # noqa: ANN401, N802  (protocol of the engine)
        arguments = json_format.MessageToDict(request.args)
        if request.tok == _OFFERINGS:
            result = _offerings(arguments)
        else:
            answer_of = self._functions[request.tok]
            result = answer_of(arguments) if callable(answer_of) else answer_of
        answer: dict[str, Any] = {"return": _struct(result)}
        return provider_pb2.InvokeResponse(**answer)

    def RegisterResource(self, request: Any) -> Any:  # noqa: ANN401, N802
        urn = self.make_urn(request.parent, request.type, request.name)
        inputs = json_format.MessageToDict(request.object)
        provider = request.type.startswith("pulumi:providers:")
        # Of objects of a cluster that does not exist the engine knows the inputs alone.
        unreachable = request.type.startswith("kubernetes:")
        custom = request.custom and not provider
        named = {}
        if custom and not unreachable:
            named[self._named_by.get(request.type, "name")] = f"{request.name}-0a1b2c3"
        outputs = {**named, **inputs}
        self.registered.append(
            Resource(
                type=request.type,
                name=request.name,
                urn=urn,
                properties={
                    **dict.fromkeys(self._computed.get(request.type, ()), UNDETERMINED),
                    **decoded(outputs),
                },
                parent=request.parent,
                protected=request.protect,
                provider=request.provider.rpartition("::")[0],
                dependencies=tuple(request.dependencies),
                property_dependencies={
                    name: tuple(found.urns)
                    for name, found in request.propertyDependencies.items()
                    if found.urns
                },
            )
        )
        answered = {} if unreachable else outputs
        if request.type in self._reshaped:
            answered |= self._reshaped[request.type](request.name, inputs)
        return resource_pb2.RegisterResourceResponse(urn=urn, id="", object=_struct(answered))


def _offerings(arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Zones of the region that offer the machine types asked for."""
    pairs = [
        (name, zone)
        for name in arguments["filters"][0]["values"]
        for zone in catalog.offered_zones(name, REGION)
    ]
    return {
        "instanceTypes": [name for name, _ in pairs],
        "locations": [zone for _, zone in pairs],
    }


def _struct(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    return json_format.ParseDict(dict(properties), struct_pb2.Struct())
