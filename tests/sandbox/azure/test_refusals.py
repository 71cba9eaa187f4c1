"""What the simulated Azure refuses of stores, rights and alarms at preview, as the real one does at
the end."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.azure import estate
from tests.sandbox.azure.estate import inside, server
from tests.sandbox.azure.inputs import (
    ALERT,
    BUDGET,
    QUERY,
    TOLD,
    aged,
    ageing,
    days,
    metric,
    queue,
    search,
    vault,
    without_nothing,
)
from tests.sandbox.engine import Engine

ASKED = [
    (estate.DATABASE, server(sku={"name": "Standard_D2ds_v5", "tier": "Burstable"}), "belongs to"),
    (estate.DATABASE, server(sku={"name": "Standard_X1", "tier": "Burstable"}), "did you mean"),
    (estate.DATABASE, server(storage={"storageSizeGB": 100}), "must be one of"),
    (
        estate.DATABASE,
        server(storage={"storageSizeGB": 100, "type": "PremiumV2_LRS"}),
        "needs iops and throughput",
    ),
    (
        estate.DATABASE,
        server(
            sku={"name": "Standard_B2s", "tier": "Burstable"},
            highAvailability={"mode": "ZoneRedundant"},
        ),
        "has no standby",
    ),
    (
        estate.DATABASE,
        server(
            availabilityZone="1",
            highAvailability={"mode": "ZoneRedundant", "standbyAvailabilityZone": "1"},
        ),
        "another zone than 1",
    ),
    (estate.DATABASE, server(createMode="Replica"), "needs the server to copy"),
    (estate.DATABASE, server(administratorLogin=None), "a server with passwords needs it"),
    (estate.DATABASE, server(administratorLogin="pg_letta"), "is kept by Azure"),
    (estate.DATABASE, server(backup={"backupRetentionDays": 40}), "above the maximum of 35"),
    (
        estate.DATABASE,
        server(
            dataEncryption={
                "type": "AzureKeyVault",
                "primaryKeyURI": estate.KEY_URL,
                "primaryUserAssignedIdentityId": "/who",
            }
        ),
        "no identity of the server",
    ),
    (
        estate.PARAMETER,
        {
            "resourceGroupName": "rg",
            "serverName": "s",
            "configurationName": "azure.extensions",
            "value": "POSTGIS_X",
            "source": "user-override",
        },
        "not known here",
    ),
    (
        estate.PARAMETER,
        {
            "resourceGroupName": "rg",
            "serverName": "s",
            "configurationName": "max_connections",
            "value": "9000",
            "source": "user-override",
        },
        "must be a number between",
    ),
    (
        estate.CACHE,
        inside(clusterName="c", publicNetworkAccess="Disabled", sku={"name": "Enterprise_E5"}),
        "is retired",
    ),
    (
        estate.CACHE,
        inside(clusterName="c", publicNetworkAccess="Disabled", sku={"name": "Balanced_B2"}),
        "did you mean",
    ),
    (
        estate.CACHE_DATA,
        {"resourceGroupName": "rg", "clusterName": "c", "databaseName": "mine"},
        "is not allowed: use default",
    ),
    (
        estate.CACHE_DATA,
        {
            "resourceGroupName": "rg",
            "clusterName": "c",
            "databaseName": "default",
            "persistence": {"rdbEnabled": True},
        },
        "needs rdbFrequency",
    ),
    (
        estate.ACCOUNT,
        inside(accountName="Letta-Data", kind="StorageV2", sku={"name": "Standard_ZRS"}),
        "lower-case letters and digits",
    ),
    (estate.AGEING, ageing(aged()), "does nothing"),
    (
        estate.AGEING,
        ageing(aged(tierToCool=days(90), tierToCold=days(30))),
        "comes before tierToCool",
    ),
    (
        estate.VERSIONS,
        {
            "resourceGroupName": "rg",
            "accountName": "a",
            "blobServicesName": "default",
            "restorePolicy": {"enabled": True, "days": 7},
        },
        "needs isVersioningEnabled",
    ),
    (estate.NAMESPACE, inside(namespaceName="letta-sb", sku={"name": "Standard"}), "not with -sb"),
    (
        estate.NAMESPACE,
        inside(namespaceName="letta-jobs", sku={"name": "Standard", "capacity": 1}),
        "has no capacity",
    ),
    (estate.QUEUE, queue(lockDuration="PT10M"), "longer than 300 s"),
    (estate.QUEUE, queue(defaultMessageTimeToLive="4 days"), "is no period"),
    (estate.VAULT, vault(tenantId="11111111-0000-4000-8000-2d7cd011db47"), "is not the tenant"),
    (estate.VAULT, vault(enablePurgeProtection=False), "cannot be set to false"),
    (estate.VAULT, vault(enableSoftDelete=False), "cannot be turned off"),
    (estate.VAULT, vault(softDeleteRetentionInDays=5), "below the minimum of 7"),
    (
        estate.WORKSPACE,
        inside(workspaceName="logs", sku={"name": "PerGB2018"}, retentionInDays=7),
        "below the minimum of 30",
    ),
    (
        TOLD,
        inside(
            actionGroupName="a1",
            groupShortName="letta",
            emailReceivers=[{"name": "a", "emailAddress": "nobody"}],
        ),
        "is no e-mail address",
    ),
    (TOLD, inside(actionGroupName="a1", groupShortName="letta-alarms-x"), "at most 12"),
    (ALERT, metric(condition={"threshold": None}), "goes with StaticThresholdCriterion"),
    (ALERT, metric(condition={"operator": "Above"}), "is no operator"),
    (ALERT, metric(scopes=["/a", "/b"]), "several scopes need"),
    (ALERT, metric(windowSize="PT1M"), "is shorter than evaluationFrequency"),
    (QUERY, search(windowSize="P3D"), "more than 172800"),
    (QUERY, search(condition={"query": None}), "needs query"),
    (QUERY, search(autoMitigate=True, muteActionsDuration="PT5M"), "exclude each other"),
    (
        BUDGET,
        {
            "scope": "/x",
            "amount": 1,
            "category": "Cost",
            "timeGrain": "Monthly",
            "timePeriod": {"startDate": "2026-11-23T00:00:00Z"},
            "notifications": {
                "a": {
                    "enabled": True,
                    "operator": "GreaterThan",
                    "threshold": 80,
                    "contactEmails": [],
                }
            },
        },
        "first of a month",
    ),
    (
        "azure-native:authorization:RoleAssignment",
        {"scope": "/x", "principalId": "p", "roleDefinitionId": "r"},
        "say what the principal is",
    ),
]


@pytest.mark.parametrize(("token", "inputs", "words"), ASKED, ids=[words for _, _, words in ASKED])
def test_what_azure_refuses_is_refused_at_preview(
    azure: Engine, token: str, inputs: dict[str, Any], words: str
) -> None:
    given = without_nothing(inputs)
    failures = "; ".join(reason for _, reason in azure.check(token, "bad", given).failures)
    assert words in failures


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        ({"location": "eastus"}, "subscriptionId"),
        ({"subscriptionId": "mine"}, "subscriptionId"),
        (
            {"subscriptionId": "00000000-0000-0000-0000-000000000001", "location": "mars"},
            "location",
        ),
    ],
)
def test_a_provider_needs_a_subscription_and_a_location_that_exists(
    azure: Engine, arguments: dict[str, str], wrong: str
) -> None:
    assert [name for name, _ in azure.check_config(arguments)] == [wrong]
