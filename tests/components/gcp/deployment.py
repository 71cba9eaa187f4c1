"""Whole deployments on the stand-in engine, as a stack file asks for them."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from components.gcp.platform import PLATFORM
from infra import platforms
from infra.settings import load
from infra.stack import Deployment
from tests.components.aws import mock_cloud
from tests.components.aws.mock_cloud import Registered, Run, run

PROJECT = "my-project"
NUMBER = "123456789012"
REGION = "us-central1"

FUNCTIONS: dict[str, mock_cloud.Function] = {
    "gcp:organizations/getProject:getProject": {
        "projectId": PROJECT,
        "number": NUMBER,
        "billingAccount": "0A0A0A-0B0B0B-0C0C0C",
    },
    "gcp:organizations/getClientConfig:getClientConfig": {"project": PROJECT, "region": REGION},
    "gcp:storage/getProjectServiceAccount:getProjectServiceAccount": {
        "emailAddress": f"service-{NUMBER}@gs-project-accounts.iam.gserviceaccount.com"
    },
    "gcp:logging/getProjectCmekSettings:getProjectCmekSettings": {
        "serviceAccountId": f"cmek-p{NUMBER}@gcp-sa-logging.iam.gserviceaccount.com"
    },
    "gcp:dns/getManagedZones:getManagedZones": {
        "managedZones": [
            {"name": "internal", "dnsName": "example.com.", "visibility": "private"},
            {"name": "example-com", "dnsName": "example.com.", "visibility": "public"},
        ]
    },
}
mock_cloud.COMPUTED.update(
    {
        "gcp:sql/databaseInstance:DatabaseInstance": lambda _name, _inputs: {
            "privateIpAddress": "10.0.128.3"
        },
        "gcp:redis/instance:Instance": lambda _name, _inputs: {"host": "10.0.128.19"},
        "gcp:secretmanager/secretVersion:SecretVersion": lambda _name, _inputs: {"version": "1"},
        "gcp:compute/globalAddress:GlobalAddress": lambda _name, _inputs: {
            "address": "203.0.113.9"
        },
        "gcp:container/cluster:Cluster": lambda _name, _inputs: {
            "endpoint": "203.0.113.20",
            "masterAuth": {"clusterCaCertificate": "Q0E="},
        },
        "gcp:container/nodePool:NodePool": lambda name, inputs: {
            "managedInstanceGroupUrls": [
                f"https://www.googleapis.com/compute/v1/projects/{PROJECT}/zones/{zone}"
                f"/instanceGroups/gke-{name}"
                for zone in inputs["nodeLocations"]
            ]
        },
        "gcp:certificatemanager/dnsAuthorization:DnsAuthorization": lambda _name, inputs: {
            "dnsResourceRecords": [
                {"name": f"_acme-challenge.{inputs['domain']}.", "type": "CNAME", "data": "proof."}
            ]
        },
    }
)

UNDETERMINED_OUTPUTS = {
    "gcp:container/nodePool:NodePool": ("managedInstanceGroupUrls", "nodeCount", "version")
}
"""Type -> outputs that Google makes up."""

_COMMON = {
    "cloud": "gcp",
    "region": REGION,
    "gcp": json.dumps({"project": PROJECT}),
    "ingress": json.dumps({"domain": "letta.example.com", "hosted_zone": "example.com"}),
}


def on_gke(**values: Any) -> Run[Deployment]:  # noqa: ANN401  (a value of a stack file)
    """The large tier, whose control plane one network reaches."""
    ingress = {
        "domain": "letta.example.com",
        "hosted_zone": "example.com",
        "control_plane": {"allowed_cidrs": ["203.0.113.0/24"]},
    }
    return deployed("large", **{"ingress": ingress, **values})


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


def of_google(result: Run[Deployment]) -> list[Registered]:
    """The resources that the cloud itself holds."""
    return [one for one in result.resources if one.type.startswith("gcp:")]
