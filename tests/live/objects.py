"""The load balancer of a stack as the sandbox holds it, made by hand for the tests."""

from __future__ import annotations

from typing import Any

from sandbox.cloud import CloudObject

API = "arn:targets/api"
WORKER = "arn:targets/worker"
WORKER_PATHS = ["/v1/agents/*/messages/async", "/v1/messages/batches"]
_BALANCER = "arn:balancer"
_CERTIFICATE = "arn:certificate"


def made(kind: str, **outputs: Any) -> CloudObject:  # noqa: ANN401 - properties of any kind
    """An object of the cloud."""
    return CloudObject(
        type=f"aws:{kind}",
        id=outputs["arn"],
        region="us-east-1",
        inputs={},
        outputs=outputs,
        name=outputs["arn"],
    )


def target_group(arn: str, name: str, **changes: Any) -> CloudObject:  # noqa: ANN401 - as above
    """A group as the components declare it."""
    values = {
        "arn": arn,
        "name": name,
        "protocol": "HTTP",
        "port": 8283,
        "loadBalancingAlgorithmType": "round_robin",
        "loadBalancingAnomalyMitigation": "off",
        "deregistrationDelay": 120,
        "stickiness": {"enabled": False},
        "healthCheck": {
            "path": "/v1/health/",
            "matcher": "200",
            "interval": 15,
            "timeout": 5,
            "healthyThreshold": 2,
            "unhealthyThreshold": 3,
        },
    }
    return made("lb/targetGroup:TargetGroup", **{**values, **changes})


def load_balancer(**changes: Any) -> list[CloudObject]:  # noqa: ANN401 - as above
    """A balancer with HTTPS, a redirect, and two groups; `changes` are the balancer's own."""
    values = {
        "arn": _BALANCER,
        "name": "letta-in",
        "loadBalancerType": "application",
        "idleTimeout": 900,
        "clientKeepAlive": 3600,
        "dropInvalidHeaderFields": True,
        "enableHttp2": True,
        "xffHeaderProcessingMode": "append",
        "dnsName": "letta-in.elb.example.com",
    }
    return [
        made("lb/loadBalancer:LoadBalancer", **{**values, **changes}),
        made("acm/certificate:Certificate", arn=_CERTIFICATE, domainName="letta.example.com"),
        target_group(API, "letta-api"),
        target_group(WORKER, "letta-work"),
        made(
            "lb/listener:Listener",
            arn="arn:listener/https",
            loadBalancerArn=_BALANCER,
            port=443,
            protocol="HTTPS",
            sslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06",
            certificateArn=_CERTIFICATE,
            defaultActions=[{"type": "forward", "targetGroupArn": API}],
        ),
        made(
            "lb/listener:Listener",
            arn="arn:listener/http",
            loadBalancerArn=_BALANCER,
            port=80,
            protocol="HTTP",
            sslPolicy="",
            defaultActions=[
                {
                    "type": "redirect",
                    "redirect": {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"},
                }
            ],
        ),
        made(
            "lb/listenerRule:ListenerRule",
            arn="arn:rule",
            listenerArn="arn:listener/https",
            priority=10,
            conditions=[{"pathPattern": {"values": WORKER_PATHS}}],
            actions=[{"type": "forward", "targetGroupArn": WORKER}],
        ),
    ]


def replaced(objects: list[CloudObject], arn: str, **changes: Any) -> list[CloudObject]:  # noqa: ANN401 - as above
    """The objects, with properties of one of them changed."""
    return [
        made(item.type.removeprefix("aws:"), **{**item.outputs, **changes})
        if item.id == arn
        else item
        for item in objects
    ]
