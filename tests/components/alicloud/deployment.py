"""Whole deployments on the stand-in engine, as a stack file asks for them."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from components.alicloud.platform import PLATFORM
from infra import platforms
from infra.settings import load
from infra.stack import Deployment
from tests.components.aws import mock_cloud
from tests.components.aws.mock_cloud import Registered, Run, run

REGION = "ap-southeast-1"
ACCOUNT = "1234567890123456"

FUNCTIONS: dict[str, mock_cloud.Function] = {
    "alicloud:index/getCallerIdentity:getCallerIdentity": {
        "accountId": ACCOUNT,
        "arn": f"acs:ram::{ACCOUNT}:user/deployer",
        "id": ACCOUNT,
        "identityType": "RAMUser",
    },
    "alicloud:cs/getKubernetesVersion:getKubernetesVersion": {
        "clusterType": "ManagedKubernetes",
        "metadatas": [
            {"version": "1.34.1-aliyun.1", "runtimes": []},
            {"version": "1.35.2-aliyun.1", "runtimes": []},
            {"version": "1.35.10-aliyun.1", "runtimes": []},
        ],
    },
    "alicloud:rds/getInstances:getInstances": {"instances": []},
    "alicloud:cs/getClusterCredential:getClusterCredential": {
        "certificateAuthorities": [
            {"clusterCert": "Y2VydA==", "clientCert": "Y2xpZW50", "clientKey": "a2V5"}
        ]
    },
}
mock_cloud.COMPUTED.update(
    {
        "random:index/randomString:RandomString": lambda _name, _inputs: {"result": "ab12"},
        "alicloud:cs/managedKubernetes:ManagedKubernetes": lambda _name, _inputs: {
            "connections": [
                {
                    "apiServerInternet": "https://203.0.113.8:6443",
                    "apiServerIntranet": "https://10.0.16.9:6443",
                }
            ],
        },
        "alicloud:ram/accessKey:AccessKey": lambda name, _inputs: {"secret": f"secret-of-{name}"},
        "alicloud:cs/nodePool:NodePool": lambda name, _inputs: {"scalingGroupId": f"asg-{name}"},
        "alicloud:rds/instance:Instance": lambda name, _inputs: {
            "connectionString": f"{name}.pg.rds.aliyuncs.com"
        },
        "alicloud:rds/readOnlyInstance:ReadOnlyInstance": lambda name, _inputs: {
            "connectionString": f"{name}.pg.rds.aliyuncs.com"
        },
        "alicloud:kvstore/instance:Instance": lambda name, _inputs: {
            "connectionDomain": f"{name}.redis.rds.aliyuncs.com"
        },
        "alicloud:alb/loadBalancer:LoadBalancer": lambda name, _inputs: {
            "dnsName": f"{name}.ap-southeast-1.alb.aliyuncs.com"
        },
        "alicloud:vpc/natGateway:NatGateway": lambda name, _inputs: {"snatTableIds": f"stb-{name}"},
        "alicloud:ecs/eipAddress:EipAddress": lambda _name, _inputs: {"ipAddress": "203.0.113.9"},
    }
)

INGRESS = {
    "domain": "letta.example.com",
    "hosted_zone": "example.com",
    "certificate": "1234567-ap-southeast-1",
    "control_plane": {"allowed_cidrs": []},
}

_COMMON = {"cloud": "alicloud", "region": REGION, "ingress": json.dumps(INGRESS)}


def deployed(
    tier: str,
    *,
    stack: str = "test",
    preview: bool = False,
    **values: Any,  # noqa: ANN401  (a value of a stack file)
) -> Run[Deployment]:
    """A deployment of `tier`. `values`: keys of the stack file, such as `api={"replicas": 4}`."""
    return _deployed(tier, stack, preview, json.dumps(values))


@cache
def _deployed(tier: str, stack: str, preview: bool, values: str) -> Run[Deployment]:
    given = {key: json.dumps(value) for key, value in json.loads(values).items()}
    settings = load(
        {**_COMMON, "tier": tier, **given},
        secret_keys=("llm",),
        clouds=platforms.CLOUDS,
        catalog=platforms.catalog,
    )
    return run(lambda: Deployment(stack, settings, PLATFORM), preview=preview, functions=FUNCTIONS)


def of_the_cloud(result: Run[Deployment]) -> list[Registered]:
    """The resources that the cloud itself holds."""
    return [one for one in result.resources if one.type.startswith("alicloud:")]
