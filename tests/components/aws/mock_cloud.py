"""A recording stand-in for the engine: what a component registers, and plausible outputs.

Outputs are the inputs, the automatic name, and what `COMPUTED` says; in a preview the computed
ones are unknown, as they are in the real engine. Types that need more are added to the tables.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

import pulumi
from google.protobuf import json_format, struct_pb2
from pulumi.runtime import mocks, rpc
from pulumi.runtime.proto import provider_pb2, resource_pb2
from pulumi.runtime.sync_await import _sync_await

T = TypeVar("T")
V = TypeVar("V")
Properties = Mapping[str, Any]

ACCOUNT = "123456789012"
REGION = "us-east-1"
DEPLOYER = f"arn:aws:iam::{ACCOUNT}:role/deployer"
ZONES = [f"{REGION}{letter}" for letter in "abcdef"]
UNKNOWN = "<unknown>"
"""Stands for an unknown value in recorded inputs."""

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"

NAMED_BY = {
    "aws:rds/instance:Instance": "identifier",
    "aws:s3/bucket:Bucket": "bucket",
    "aws:elasticache/replicationGroup:ReplicationGroup": "replicationGroupId",
    "aws:eks/nodeGroup:NodeGroup": "nodeGroupName",
}
"""Property that holds the automatic name where it is not `name`."""

NAME_PREFIX = {"aws:kms/alias:Alias": "alias/"}
"""What the provider puts before the automatic name."""

COMPUTED: dict[str, Callable[[str, Properties], Properties]] = {
    "random:index/randomPassword:RandomPassword": lambda name, inputs: {
        "result": _secret(_digest(name, int(inputs["length"]))),
    },
    "random:index/randomId:RandomId": lambda name, inputs: {
        "hex": _digest(name, 2 * int(inputs["byteLength"])),
    },
    "aws:rds/instance:Instance": lambda name, _: {
        "address": f"{name}.abcdefghijkl.{REGION}.rds.amazonaws.com"
    },
    "aws:elasticache/replicationGroup:ReplicationGroup": lambda name, _: {
        "primaryEndpointAddress": f"{name}.abcdef.ng.0001.use1.cache.amazonaws.com"
    },
    "aws:secretsmanager/secretVersion:SecretVersion": lambda name, _: {"versionId": f"v-{name}"},
    "aws:ssm/parameter:Parameter": lambda _name, _inputs: {"version": 1},
    "aws:sqs/queue:Queue": lambda name, _: {
        "url": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"
    },
    "aws:kms/key:Key": lambda name, _: {"keyId": name},
    "aws:ec2/eip:Eip": lambda _name, _inputs: {"publicIp": "198.51.100.7"},
    "aws:ec2/launchTemplate:LaunchTemplate": lambda _name, _inputs: {"latestVersion": 1},
    "aws:lb/loadBalancer:LoadBalancer": lambda name, _: {
        "arnSuffix": f"app/{name}",
        "dnsName": f"{name}.{REGION}.elb.amazonaws.com",
        "zoneId": "Z35SXDOTRQ7X7K",
    },
    "aws:lb/targetGroup:TargetGroup": lambda name, _: {"arnSuffix": f"targetgroup/{name}"},
    "aws:acm/certificate:Certificate": lambda _, inputs: {
        "domainValidationOptions": [
            {
                "domainName": inputs["domainName"],
                "resourceRecordName": f"_proof.{inputs['domainName']}.",
                "resourceRecordType": "CNAME",
                "resourceRecordValue": "_proof.acm-validations.aws.",
            }
        ]
    },
    "aws:acm/certificateValidation:CertificateValidation": lambda _, inputs: {
        "certificateArn": inputs["certificateArn"]
    },
    "aws:route53/record:Record": lambda _, inputs: {"fqdn": inputs["name"]},
    "aws:eks/cluster:Cluster": lambda name, inputs: {
        "endpoint": f"https://{name}.gr7.{REGION}.eks.amazonaws.com",
        "certificateAuthority": {"data": "Q0VSVElGSUNBVEU="},
        "vpcConfig": {**inputs["vpcConfig"], "clusterSecurityGroupId": f"sg-{name}"},
    },
    "aws:lambda/invocation:Invocation": lambda _name, _inputs: {"result": "null"},
}
"""Type -> name and inputs -> outputs that the cloud computes, beside `arn`, which all have."""

Function = Properties | Callable[[Properties], Properties]

FUNCTIONS: dict[str, Function] = {
    "aws:index/getCallerIdentity:getCallerIdentity": {
        "accountId": ACCOUNT,
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/deployer/session",
    },
    "aws:iam/getSessionContext:getSessionContext": {"issuerArn": DEPLOYER},
    "aws:index/getRegion:getRegion": {"region": REGION},
    "aws:index/getPartition:getPartition": {"partition": "aws"},
    "aws:index/getAvailabilityZones:getAvailabilityZones": {"names": ZONES},
    "aws:route53/getZone:getZone": {"zoneId": "Z0123456789"},
    "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": lambda arguments: offerings(
        arguments, dict.fromkeys(arguments["filters"][0]["values"], ZONES)
    ),
}
"""Function -> its result, or what makes it of the arguments."""


def offerings(arguments: Properties, zones: Mapping[str, Sequence[str]]) -> Properties:
    """Answer of EC2 to which zones offer the types asked for. `zones`: by type; none where it is
    not named."""
    asked = arguments["filters"][0]["values"]
    pairs = [(each, zone) for each in asked for zone in zones.get(each, ())]
    return {
        "instanceTypes": [each for each, _ in pairs],
        "locations": [zone for _, zone in pairs],
    }


@dataclass(frozen=True, kw_only=True)
class Registered:
    """A resource as the engine was told of it."""

    urn: str
    type: str
    name: str
    parent: str
    """Name of the parent."""
    parent_urn: str
    inputs: Properties
    """Plain values; secrets unwrapped, unknowns as `UNKNOWN`."""
    secrets: frozenset[str]
    """Top-level properties that hold a secret."""
    hidden: frozenset[str]
    """Texts that the engine keeps encrypted, wherever they stand."""
    shown: frozenset[str]
    """Texts that it does not."""
    depends_on: frozenset[str]
    """Types and names of all resources it waits for, such as `Subnet letta-test-net-public-1`."""
    ignore_changes: tuple[str, ...]
    protect: bool
    provider: str
    """Name of the provider that was given for it."""
    delete_before_replace: bool
    replace_on_changes: tuple[str, ...]
    former_types: tuple[str, ...]
    """Types under which the engine looks for it too."""
    timeouts: Mapping[str, str]
    """`create`, `update`, `delete` -> longest duration, where one was given."""


@dataclass(frozen=True, kw_only=True)
class Run(Generic[T]):
    """One run of a program."""

    result: T
    """What the program returned."""
    resources: tuple[Registered, ...]
    calls: Mapping[str, Properties]
    """Function -> arguments of its last call."""
    outputs: Mapping[str, Properties]
    """URN of a component -> what it said of itself when it was done."""

    def all(self, type_end: str) -> list[Registered]:
        """Resources whose type ends so, such as `:Queue`."""
        return [resource for resource in self.resources if resource.type.endswith(type_end)]

    def one(self, type_end: str, name: str | None = None) -> Registered:
        """The one resource of a type, or of a type and a name."""
        found = [each for each in self.all(type_end) if name in (None, each.name)]
        assert len(found) == 1, f"{type_end} {name or ''}: {[each.name for each in found]}"
        return found[0]

    def value(self, output: pulumi.Output[V]) -> V:
        """Value of an output; fails if it is unknown."""
        assert self.known(output), "the output is unknown"
        return cast(V, _sync_await(output.future(True)))

    def known(self, output: pulumi.Output[Any]) -> bool:
        """Whether an output has a value."""
        return bool(_sync_await(output.is_known()))

    def secret(self, output: pulumi.Output[Any]) -> bool:
        """Whether an output is secret."""
        return bool(_sync_await(output.is_secret()))


def run(
    program: Callable[[], T],
    *,
    preview: bool = False,
    functions: Mapping[str, Function] | None = None,
) -> Run[T]:
    """Run a program against the stand-in. `functions` replaces results of invokes."""
    monitor = _Monitor(preview=preview, functions={**FUNCTIONS, **(functions or {})})
    pulumi.runtime.set_mocks(
        _NoMocks(), project="letta-cloud", stack="test", preview=preview, monitor=monitor
    )
    results: list[T] = []

    def body() -> None:
        results.append(program())

    pulumi.runtime.test(body)()  # type: ignore[no-untyped-call]
    return Run(
        result=results[0],
        resources=tuple(monitor.registered),
        calls=dict(monitor.calls),
        outputs=dict(monitor.outputs),
    )


class _NoMocks(mocks.Mocks):
    """Never asked: the monitor answers itself."""

    def call(self, args: mocks.MockCallArgs) -> Any:  # noqa: ANN401  (the base's type)
        raise NotImplementedError(args.token)

    def new_resource(self, args: mocks.MockResourceArgs) -> Any:  # noqa: ANN401
        raise NotImplementedError(args.typ)


class _Monitor(mocks.MockMonitor):
    def __init__(self, *, preview: bool, functions: Mapping[str, Function]) -> None:
        super().__init__(_NoMocks())
        self._preview = preview
        self._functions = functions
        self.registered: list[Registered] = []
        self.calls: dict[str, Properties] = {}
        self.outputs: dict[str, Properties] = {}

    def Invoke(self, request: Any) -> Any:  # noqa: ANN401, N802  (protocol of the engine)
        arguments = self.calls[request.tok] = json_format.MessageToDict(request.args)
        function = self._functions[request.tok]
        result = function(arguments) if callable(function) else function
        answer: dict[str, Any] = {"return": _struct(result)}
        return provider_pb2.InvokeResponse(**answer)

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: ANN401, N802
        self.outputs[request.urn] = _plain(json_format.MessageToDict(request.outputs))
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]

    def RegisterResource(self, request: Any) -> Any:  # noqa: ANN401, N802
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == "pulumi:pulumi:Stack":
            return resource_pb2.RegisterResourceResponse(urn=urn)
        raw = json_format.MessageToDict(request.object)
        self.registered.append(
            Registered(
                urn=urn,
                type=request.type,
                name=request.name,
                parent=_name(request.parent),
                parent_urn=request.parent,
                inputs=_plain(raw),
                secrets=frozenset(key for key, value in raw.items() if _holds_secret(value)),
                hidden=frozenset(text for text, hidden in _texts(raw) if hidden),
                shown=frozenset(text for text, hidden in _texts(raw) if not hidden),
                depends_on=frozenset(_label(each) for each in request.dependencies),
                ignore_changes=tuple(request.ignoreChanges),
                protect=request.protect,
                former_types=tuple(each.spec.type for each in request.aliases),
                provider=_name(request.provider.rpartition("::")[0]),
                delete_before_replace=request.deleteBeforeReplace,
                replace_on_changes=tuple(request.replaceOnChanges),
                timeouts=json_format.MessageToDict(request.customTimeouts),
            )
        )
        if not request.custom:
            return resource_pb2.RegisterResourceResponse(urn=urn, object=request.object)
        if request.type.startswith("kubernetes:"):
            return self._on_cluster(urn, request)
        physical = NAME_PREFIX.get(request.type, "") + f"{request.name}-{_digest(urn, 7)}".lower()
        if raw.get("fifoQueue"):
            physical += ".fifo"
        known = {NAMED_BY.get(request.type, "name"): physical, **raw}
        named = str(known[NAMED_BY.get(request.type, "name")])
        computed: dict[str, Any] = {"arn": f"arn:aws:mock:{REGION}:{ACCOUNT}:{named}"}
        computed |= COMPUTED.get(request.type, _nothing)(named, _plain(raw))
        if self._preview:
            computed = dict.fromkeys(computed, rpc.UNKNOWN)
        return resource_pb2.RegisterResourceResponse(
            urn=urn,
            id="" if self._preview else f"{named}-id",
            object=_struct({**known, **computed}),
        )

    def _on_cluster(self, urn: str, request: Any) -> Any:  # noqa: ANN401
        """The engine asks nobody about an object of a cluster that does not exist yet: it has
        no outputs in a first preview, and never a name that the program did not give."""
        if self._preview:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        return resource_pb2.RegisterResourceResponse(
            urn=urn, id=request.name, object=request.object
        )


def _nothing(_name: str, _inputs: Properties) -> Properties:
    return {}


def _struct(properties: Properties) -> struct_pb2.Struct:
    return json_format.ParseDict(dict(properties), struct_pb2.Struct())


def _secret(value: object) -> Properties:
    return {_SIGNATURE: _SECRET, "value": value}


def _is_secret(value: object) -> bool:
    return isinstance(value, Mapping) and value.get(_SIGNATURE) == _SECRET


def _holds_secret(value: object) -> bool:
    if _is_secret(value):
        return True
    if isinstance(value, Mapping):
        return any(_holds_secret(each) for each in value.values())
    return isinstance(value, list) and any(_holds_secret(each) for each in value)


def _texts(value: object, *, hidden: bool = False) -> Iterator[tuple[str, bool]]:
    """Texts in a value, each with whether it stands in something secret."""
    if _is_secret(value):
        yield from _texts(cast(Properties, value)["value"], hidden=True)
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each, hidden=hidden)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each, hidden=hidden)
    elif isinstance(value, str) and value != rpc.UNKNOWN:
        yield value, hidden


def _plain(value: Any) -> Any:  # noqa: ANN401  (JSON)
    if _is_secret(value):
        return _plain(value["value"])
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return UNKNOWN if value == rpc.UNKNOWN else value


def _name(urn: str) -> str:
    return urn.rsplit("::", 1)[-1]


def _label(urn: str) -> str:
    return f"{urn.split('::')[2].rsplit(':', 1)[-1]} {_name(urn)}"


def _digest(text: str, length: int) -> str:
    return (hashlib.sha256(text.encode()).hexdigest() * (length // 64 + 1))[:length]
