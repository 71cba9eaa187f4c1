"""Objects of Alibaba Cloud as the sandbox holds them, made by hand for the tests."""

from __future__ import annotations

from typing import Any

from sandbox.cloud import CloudObject
from tests.live.clouds import Told

TOLD = Told(networks={"small": "127.78.46", "medium": "127.78.47"}, star_is_any_text=True)

API, WORKER = "sgp-api", "sgp-work"
PATHS = ("/v1/agents/*/messages/async", "/v1/messages/batches")


def alibaba(kind: str, id_: str, /, **outputs: Any) -> CloudObject:  # noqa: ANN401 - of any kind
    """An object of the account."""
    return CloudObject(
        type=f"alicloud:{kind}",
        id=id_,
        region="ap-southeast-1",
        inputs={},
        outputs=outputs,
        name=id_,
    )


def forward(group: str) -> dict[str, Any]:
    """The action by which a listener or a rule sends requests to a group."""
    return {
        "type": "ForwardGroup",
        "forwardGroupConfig": {"serverGroupTuples": [{"serverGroupId": group, "weight": 100}]},
    }


def redirect(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - properties of any kind
    """The action that sends plain HTTP away."""
    given = {"protocol": "HTTPS", "port": "443", "httpCode": "301"}
    return {"type": "Redirect", "order": 1, "redirectConfig": given | changes}


def paths(*values: str) -> dict[str, Any]:
    """The condition that a path is one of these."""
    return {"type": "Path", "pathConfig": {"values": list(values)}}


def _group(id_: str, port: int) -> list[CloudObject]:
    return [
        alibaba(
            "alb/serverGroup:ServerGroup",
            id_,
            serverGroupName=f"{id_}-name",
            serverGroupType="Instance",
            protocol="HTTP",
            scheduler="Wlc",
            connectionDrainConfig={"connectionDrainEnabled": True, "connectionDrainTimeout": 600},
            healthCheckConfig={
                "healthCheckEnabled": True,
                "healthCheckProtocol": "HTTP",
                "healthCheckMethod": "GET",
                "healthCheckPath": "/well",
                "healthCheckCodes": ["http_2xx", "http_3xx"],
                "healthCheckInterval": 10,
            },
        ),
        alibaba(
            "ess/albServerGroupAttachment:AlbServerGroupAttachment",
            f"asg:{id_}:{port}",
            albServerGroupId=id_,
            port=port,
        ),
    ]


def way_in() -> list[CloudObject]:
    """A load balancer with two groups of machines behind it."""
    name = "alb-1.ap-southeast-1.alb.aliyuncs.com"
    return [
        *_group(API, 30083),
        *_group(WORKER, 30084),
        alibaba(
            "alb/loadBalancer:LoadBalancer", "alb-1", loadBalancerName="letta-in", dnsName=name
        ),
        alibaba(
            "dns/alidnsRecord:AlidnsRecord", "r", domainName="example.com", rr="letta", value=name
        ),
        alibaba(
            "alb/listener:Listener",
            "lsn-tls",
            loadBalancerId="alb-1",
            listenerPort=443,
            listenerProtocol="HTTPS",
            securityPolicyId="tls_cipher_policy_1_2_strict_with_1_3",
            idleTimeout=600,
            requestTimeout=600,
            http2Enabled=True,
            gzipEnabled=False,
            defaultActions=[forward(API)],
        ),
        alibaba(
            "alb/listener:Listener",
            "lsn-plain",
            loadBalancerId="alb-1",
            listenerPort=80,
            listenerProtocol="HTTP",
            idleTimeout=15,
            requestTimeout=60,
            gzipEnabled=True,
            defaultActions=[forward(API)],
        ),
        alibaba(
            "alb/rule:Rule",
            "rule-plain",
            listenerId="lsn-plain",
            priority=1,
            ruleConditions=[paths("/*")],
            ruleActions=[redirect()],
        ),
        alibaba(
            "alb/rule:Rule",
            "rule-work-2",
            listenerId="lsn-tls",
            priority=11,
            ruleConditions=[paths("/later")],
            ruleActions=[forward(WORKER)],
        ),
        alibaba(
            "alb/rule:Rule",
            "rule-work",
            listenerId="lsn-tls",
            priority=10,
            ruleConditions=[paths(*PATHS)],
            ruleActions=[forward(WORKER)],
        ),
    ]


def changed(objects: list[CloudObject], id_: str, /, **outputs: Any) -> list[CloudObject]:  # noqa: ANN401
    """The objects, with properties of one of them changed."""
    return [
        alibaba(item.type.removeprefix("alicloud:"), id_, **{**item.outputs, **outputs})
        if item.id == id_
        else item
        for item in objects
    ]
