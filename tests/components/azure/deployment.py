"""Whole deployments on the stand-in engine, as a stack file asks for them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from functools import cache
from typing import Any

from components.azure.platform import PLATFORM
from infra import platforms
from infra.settings import load
from infra.stack import Deployment
from tests.components.aws import mock_cloud
from tests.components.aws.mock_cloud import Properties, Registered, Run, run

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
TENANT = "72f988bf-0000-4000-8000-2d7cd011db47"
REGION = "eastus"
CERTIFICATE = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/shared/providers/Microsoft.KeyVault/vaults/"
    "letta-shared/secrets/letta-example-com"
)

FUNCTIONS: dict[str, mock_cloud.Function] = {
    "azure-native:redisenterprise:listDatabaseKeys": {
        "primaryKey": "primary-key-of-redis",
        "secondaryKey": "secondary-key-of-redis",
    },
    "azure-native:containerservice:listManagedClusterUserCredentials": {
        "kubeconfigs": [
            {
                "name": "clusterUser",
                "value": base64.b64encode(
                    b"clusters: [{name: aks, cluster: {certificate-authority-data: Q0E=}}]"
                ).decode(),
            }
        ]
    },
}


def _identified(_name: str, inputs: Properties) -> Properties:
    """What names identities in a list reports them by their ids."""
    given = inputs.get("identity", {}).get("userAssignedIdentities", [])
    return {
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {one: {} for one in given}}
    }


def _versioned(name: str, inputs: Properties) -> Properties:
    """What a vault says of a secret beside its value."""
    address = f"https://v.vault.azure.net/secrets/{name}"
    version = f"{address}/{'5' * 32}"
    return {
        "properties": {
            **inputs["properties"],
            "secretUri": address,
            "secretUriWithVersion": version,
        }
    }


RESHAPED: dict[str, Callable[[str, Properties], Properties]] = {
    **dict.fromkeys(
        (
            "azure-native:app:ContainerApp",
            "azure-native:app:Job",
            "azure-native:compute:DiskEncryptionSet",
            "azure-native:containerservice:ManagedCluster",
            "azure-native:network:ApplicationGateway",
            "azure-native:redisenterprise:RedisEnterprise",
            "azure-native:resources:AzureCliScript",
            "azure-native:storage:StorageAccount",
        ),
        _identified,
    ),
    "azure-native:keyvault:Secret": _versioned,
}

mock_cloud.COMPUTED.update(
    {
        **RESHAPED,
        "azure-native:managedidentity:UserAssignedIdentity": lambda _name, _inputs: {
            "clientId": "00000000-0000-0000-0000-00000000c11e",
            "principalId": "00000000-0000-0000-0000-0000000009a1",
        },
        "azure-native:keyvault:Key": lambda name, _inputs: {
            "keyUriWithVersion": f"https://v.vault.azure.net/keys/{name}/{'6' * 32}"
        },
        "azure-native:app:ManagedEnvironment": lambda _name, _inputs: {
            "defaultDomain": "kindhill-0a1b2c3d.eastus.azurecontainerapps.io",
            "staticIp": "10.0.160.4",
            "customDomainConfiguration": {"customDomainVerificationId": "0123ABCD"},
        },
        "azure-native:containerservice:ManagedCluster": lambda name, inputs: {
            **_identified(name, inputs),
            "fqdn": f"{inputs['dnsPrefix']}-0a1b2c3d.hcp.{REGION}.azmk8s.io",
            "oidcIssuerProfile": {
                "enabled": True,
                "issuerURL": f"https://{REGION}.oic.prod-aks.azure.com/{TENANT}/1/",
            },
        },
        "azure-native:network:PublicIPAddress": lambda _name, _inputs: {"ipAddress": "203.0.113.9"},
    }
)

_COMMON = {
    "cloud": "azure",
    "region": REGION,
    "azure": json.dumps(
        {"subscription": SUBSCRIPTION, "tenant": TENANT, "dns_resource_group": "shared"}
    ),
    "ingress": json.dumps(
        {
            "domain": "letta.example.com",
            "hosted_zone": "example.com",
            "certificate": CERTIFICATE,
        }
    ),
}


def deployed(
    tier: str,
    *,
    stack: str = "test",
    preview: bool = False,
    **values: Any,  # noqa: ANN401  (a value of a stack file)
) -> Run[Deployment]:
    """A deployment of `tier`. `values`: keys of the stack file, such as `api={"vcpus": 4}`."""
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


def on_aks(**values: Any) -> Run[Deployment]:  # noqa: ANN401  (a value of a stack file)
    """A deployment of the largest tier, which stands on a cluster. `values`: as with `deployed`."""
    return deployed("large", **{"ingress": ingress(), **values})


def ingress(**values: Any) -> dict[str, Any]:  # noqa: ANN401
    """The way in to a cluster. `values`: what is otherwise."""
    return {
        "domain": "letta.example.com",
        "hosted_zone": "example.com",
        "certificate": CERTIFICATE,
        "control_plane": {"allowed_cidrs": ["203.0.113.0/24"]},
        **values,
    }


def of_azure(result: Run[Deployment]) -> list[Registered]:
    """The resources that the cloud itself holds."""
    return [one for one in result.resources if one.type.startswith("azure-native:")]
