"""Objects of a cluster as the sandbox holds them, made by hand for the tests."""

from __future__ import annotations

from typing import Any

from sandbox.cloud import CloudObject
from sandbox.live.spec import Objects
from tests.live.objects import made

SELECTED = {"app.kubernetes.io/instance": "api"}
_GROUP = "arn:targets/api"


def kubernetes(
    kind: str,
    name: str,
    *,
    namespace: str = "letta",
    **fields: Any,  # noqa: ANN401 - properties of any kind
) -> CloudObject:
    """An object of the cluster."""
    return CloudObject(
        type=f"kubernetes:{kind}",
        id=f"{namespace}/{name}",
        region="",
        inputs={},
        outputs={"metadata": {"name": name, "namespace": namespace}, **fields},
        name=name,
    )


def pod(container: dict[str, Any], **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    """A template of pods of one container; `fields` are the pod's own."""
    return {"metadata": {"labels": SELECTED}, "spec": {"containers": [container], **fields}}


def deployment(template: dict[str, Any], **fields: Any) -> Objects:  # noqa: ANN401 - as above
    """A stack of one Deployment."""
    spec = {"template": template, **fields}
    return Objects([kubernetes("apps/v1:Deployment", "api", spec=spec)])


def bound(
    *,
    port: int | str = 80,
    target: int | str = "http",
    named: str = "api",
    selector: dict[str, str] | None = None,
) -> Objects:
    """A Deployment behind a service and a target group that is bound to it."""
    container = {
        "name": "server",
        "image": "i",
        "ports": [{"containerPort": 8283, "name": "http"}],
    }
    service = {
        "selector": selector or SELECTED,
        "ports": [{"name": "web", "port": 80, "targetPort": target}],
    }
    binding = {"serviceRef": {"name": named, "port": port}, "targetGroupARN": _GROUP}
    return Objects(
        [
            *deployment(pod(container)).everything,
            kubernetes("core/v1:Service", "api", spec=service),
            kubernetes("elbv2.k8s.aws/v1beta1:TargetGroupBinding", "api", spec=binding),
        ]
    )


def stored() -> list[CloudObject]:
    """The secret `fetched`, its stores in the cluster, and what they find in the cloud."""
    arn = "arn:aws:secretsmanager:us-east-1:1:secret:password-ab12cd"
    inner = "arn:aws:secretsmanager:us-east-1:1:secret:inner-ab12cd"
    return [
        _store("secrets", "SecretsManager"),
        _store("parameters", "ParameterStore"),
        kubernetes(
            "external-secrets.io/v1:ExternalSecret",
            "external",
            spec={
                "secretStoreRef": {"kind": "SecretStore", "name": "parameters"},
                "target": {"name": "fetched"},
                "data": [
                    _entry("PASSWORD", "secrets", key="password"),
                    {"secretKey": "HOST", "remoteRef": {"key": "host"}},
                    _entry("INNER", "secrets", key="inner", property="one"),
                ],
            },
        ),
        made("ssm/parameter:Parameter", arn="arn:host", name="host", value="cache.example.com"),
        *_secret(arn, "password", "hidden"),
        *_secret(inner, "inner", '{"one": "one"}'),
    ]


def _store(name: str, service: str) -> CloudObject:
    spec = {"provider": {"aws": {"service": service}}}
    return kubernetes("external-secrets.io/v1:SecretStore", name, spec=spec)


def _entry(variable: str, store: str, **remote: str) -> dict[str, Any]:
    return {
        "secretKey": variable,
        "sourceRef": {"storeRef": {"kind": "SecretStore", "name": store}},
        "remoteRef": remote,
    }


def _secret(arn: str, name: str, value: str) -> list[CloudObject]:
    return [
        made("secretsmanager/secret:Secret", arn=arn, name=name),
        made(
            "secretsmanager/secretVersion:SecretVersion",
            arn=f"{arn}|1",
            secretId=arn,
            secretString=value,
            versionStages=["AWSCURRENT"],
        ),
    ]
