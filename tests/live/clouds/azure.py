"""Objects of Azure as the sandbox holds them, made by hand for the tests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sandbox.cloud import CloudObject
from sandbox.packages import package
from tests.live.clouds import Told

PACKAGE = "azure-native"
DOMAIN = "wave-1.eastus.azurecontainerapps.io"
HOSTS = {role: f"{role}.{DOMAIN}" for role in ("api", "worker")}
GATEWAY = "/s/gateway"
PATHS = "^(/v1/agents/[^/]+/messages/async|/v1/messages/batches)$"
_COMPUTED = {
    "azure-native:dbforpostgresql:Server": {
        "fullyQualifiedDomainName": "{serverName}.postgres.database.azure.com"
    },
    "azure-native:redisenterprise:RedisEnterprise": {
        "hostName": "{clusterName}.{location}.redis.azure.net",
        "redisVersion": "7.4",
    },
}
_FIELD = re.compile(r"\{([^{}]*)\}")


def as_held(type_token: str, made_up: str, values: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The id of an object and its properties, as the cloud would have them."""
    if not type_token.startswith(f"{PACKAGE}:"):
        return made_up, dict(values)
    home = package(PACKAGE)
    table = home.tables(type_token.split(":")[1]).resources[type_token]
    known = {"$subscription": "00000000-0000-0000-0000-000000000001", **values}

    def filled(text: str) -> str:
        return _FIELD.sub(lambda field: str(known[field[1]]), text)

    told = {name: filled(text) for name, text in _COMPUTED.get(type_token, {}).items()}
    wanted = _FIELD.findall(str(table.id))
    return filled(str(table.id)) if set(wanted) <= known.keys() else made_up, {**told, **values}


TOLD = Told(networks={"small": "127.78.48", "medium": "127.78.49"}, as_held=as_held)


def azure(kind: str, name: str, /, **outputs: Any) -> CloudObject:  # noqa: ANN401 - of any kind
    """An object of the subscription."""
    return CloudObject(
        type=f"{PACKAGE}:{kind}",
        id=f"/s/{name}",
        region="eastus",
        inputs={},
        outputs={"name": name, **outputs},
        name=name,
    )


def environment(*, internal: bool = False, **changes: Any) -> CloudObject:  # noqa: ANN401
    """An environment of Container Apps."""
    given = {"defaultDomain": DOMAIN, "vnetConfiguration": {"internal": internal}}
    return azure("app:ManagedEnvironment", "environment", **given | changes)


def probe(kind: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """A probe of the server's."""
    return {"type": kind, "httpGet": {"path": "/well", "port": 8283}, **changes}


def app(
    name: str,
    *containers: dict[str, Any],
    configuration: Mapping[str, Any] | None = None,
    **template: Any,  # noqa: ANN401 - of a template
) -> CloudObject:
    """An app with an ingress on port 8283."""
    ingress = {"external": True, "targetPort": 8283, "allowInsecure": False}
    return azure(
        "app:ContainerApp",
        name,
        containerAppName=name,
        environmentId="/s/ENVIRONMENT",
        configuration={"ingress": ingress, **(configuration or {})},
        template={"containers": list(containers) or [{"name": "server", "image": "i"}], **template},
    )


def job(
    name: str,
    *containers: dict[str, Any],
    trigger: str = "Schedule",
    configuration: Mapping[str, Any] | None = None,
    **template: Any,  # noqa: ANN401 - of a template
) -> CloudObject:
    """A job of Container Apps."""
    return azure(
        "app:Job",
        name,
        jobName=name,
        environmentId="/s/environment",
        configuration={
            "triggerType": trigger,
            "replicaTimeout": 900,
            "replicaRetryLimit": 1,
            **(configuration or {}),
        },
        template={"containers": list(containers) or [{"name": "only", "image": "i"}], **template},
    )


def secret(name: str, version: str, value: str) -> CloudObject:
    """A version of a secret in the vault `vault`."""
    address = f"https://vault.vault.azure.net/secrets/{name}"
    return azure(
        "keyvault:Secret",
        f"{name}-{version}",
        vaultName="vault",
        secretName=name,
        properties={"value": value, "secretUriWithVersion": f"{address}/{version}"},
    )


def _ref(kind: str, name: str) -> dict[str, str]:
    return {"id": f"{GATEWAY}/{kind}/{name}"}


def gateway(*, members: Mapping[str, Any] | None = None, **changes: Any) -> CloudObject:  # noqa: ANN401
    """An application gateway that sends some paths to the worker. `members`: role -> its pool's one
    address, the apps by default."""
    addresses = members or {role: {"fqdn": host} for role, host in HOSTS.items()}
    moved = {
        "name": "moved",
        "ruleSequence": 100,
        "conditions": [{"variable": "var_uri_path", "pattern": PATHS, "ignoreCase": False}],
        "actionSet": {"urlConfiguration": {"modifiedPath": "/away{var_uri_path}", "reroute": True}},
    }
    back = {
        "name": "back",
        "ruleSequence": 100,
        "conditions": [
            {
                "variable": "http_resp_Location",
                "pattern": r"https?://[^/]+\.azurecontainerapps\.io(.*)",
                "ignoreCase": True,
            }
        ],
        "actionSet": {
            "responseHeaderConfigurations": [
                {
                    "headerName": "Location",
                    "headerValue": "https://letta.example.com{http_resp_Location_1}",
                }
            ]
        },
    }
    given = {
        "applicationGatewayName": "gateway",
        "enableHttp2": True,
        "globalConfiguration": {"enableResponseBuffering": False},
        "sslPolicy": {"policyType": "Predefined", "policyName": "AppGwSslPolicy20220101S"},
        "frontendPorts": [{"name": "https", "port": 443}, {"name": "http", "port": 80}],
        "httpListeners": [
            {
                "name": "https",
                "protocol": "Https",
                "hostName": "letta.example.com",
                "frontendPort": _ref("frontendPorts", "https"),
            },
            {"name": "http", "protocol": "Http", "frontendPort": _ref("frontendPorts", "http")},
        ],
        "requestRoutingRules": [
            {
                "name": "https",
                "httpListener": _ref("httpListeners", "https"),
                "urlPathMap": _ref("urlPathMaps", "roles"),
            },
            {
                "name": "http",
                "httpListener": _ref("httpListeners", "http"),
                "redirectConfiguration": _ref("redirectConfigurations", "https"),
            },
        ],
        "redirectConfigurations": [
            {
                "name": "https",
                "redirectType": "Permanent",
                "targetListener": _ref("httpListeners", "https"),
                "includePath": True,
                "includeQueryString": True,
            }
        ],
        "backendAddressPools": [
            {"name": role, "backendAddresses": [address]} for role, address in addresses.items()
        ],
        "backendHttpSettingsCollection": [settings("api"), settings("worker", path="/")],
        "probes": [{"name": "health", "path": "/well", "match": {"statusCodes": ["200-204"]}}],
        "urlPathMaps": [routes()],
        "rewriteRuleSets": [
            {"name": "roles", "rewriteRules": [moved, back]},
            {"name": "redirects", "rewriteRules": [back]},
        ],
    }
    return azure("network:ApplicationGateway", "gateway", **given | changes)


def settings(name: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """How the servers of a role are asked."""
    return {
        "name": name,
        "port": 8283,
        "requestTimeout": 900,
        "pickHostNameFromBackendAddress": True,
        "cookieBasedAffinity": "Disabled",
        "connectionDraining": {"enabled": True, "drainTimeoutInSec": 600},
        "probe": _ref("probes", "health"),
        **changes,
    }


def routes(*others: dict[str, Any], **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """A map of paths: those of a folder to the worker, and `others`."""
    return {
        "name": "roles",
        "defaultBackendAddressPool": _ref("backendAddressPools", "api"),
        "defaultBackendHttpSettings": _ref("backendHttpSettingsCollection", "api"),
        "defaultRewriteRuleSet": _ref("rewriteRuleSets", "roles"),
        "pathRules": [
            {
                "name": "worker",
                "paths": ["/away/*"],
                "backendAddressPool": _ref("backendAddressPools", "worker"),
                "backendHttpSettings": _ref("backendHttpSettingsCollection", "worker"),
                "rewriteRuleSet": _ref("rewriteRuleSets", "redirects"),
            },
            *others,
        ],
        **changes,
    }


def plain_rule(path: str) -> dict[str, Any]:
    """A rule of a map that sends a path to the API without writing anything anew."""
    return {
        "name": "plain",
        "paths": [path],
        "backendAddressPool": _ref("backendAddressPools", "api"),
        "backendHttpSettings": _ref("backendHttpSettingsCollection", "api"),
    }


def behind(**changes: Any) -> list[CloudObject]:  # noqa: ANN401
    """A gateway, and the apps behind it in an environment that the network alone reaches.
    `changes`: of the gateway."""
    return [environment(internal=True), *(app(role) for role in HOSTS), gateway(**changes)]
