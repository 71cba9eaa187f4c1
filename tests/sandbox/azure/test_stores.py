"""Accounts of blobs, caches and queues of the simulated Azure, and alarms on them."""

from __future__ import annotations

import pytest

from tests.sandbox.azure import estate
from tests.sandbox.azure.estate import (
    Estate,
    inside,
    path,
    server,
)
from tests.sandbox.engine import Refused

POSTGRES = "Microsoft.DBforPostgreSQL/flexibleServers"
APPS = "Microsoft.App/environments"
DATABASE_ZONE = "letta.private.postgres.database.azure.com"


def test_the_archive_is_not_for_copies_in_zones(made: Estate) -> None:
    made.make(
        estate.ACCOUNT,
        "data",
        inside(accountName="lettatests", kind="StorageV2", sku={"name": "Standard_ZRS"}),
    )
    rule = {
        "name": "r",
        "type": "Lifecycle",
        "definition": {
            "actions": {"baseBlob": {"tierToArchive": {"daysAfterModificationGreaterThan": 90}}},
            "filters": {"blobTypes": ["blockBlob"]},
        },
    }
    policy = {
        "resourceGroupName": "rg",
        "accountName": "lettatests",
        "managementPolicyName": "default",
        "policy": {"rules": [rule]},
    }
    with pytest.raises(Refused, match="no archive tier with ZRS"):
        made.make(estate.AGEING, "ages", policy)
    rule["definition"]["actions"] = {  # type: ignore[index]
        "version": {"delete": {"daysAfterCreationGreaterThan": 90}}
    }
    with pytest.raises(Refused, match="need isVersioningEnabled"):
        made.make(estate.AGEING, "ages", policy)


def test_an_account_does_not_change_between_one_zone_and_several(made: Estate) -> None:
    account = inside(accountName="lettatests", kind="StorageV2", sku={"name": "Standard_ZRS"})
    found = made.make(estate.ACCOUNT, "data", account)
    with pytest.raises(Refused, match="does not become one of LRS"):
        made.engine.update(found, {**account, "sku": {"name": "Standard_LRS"}})


def test_a_container_is_public_only_if_its_account_lets_it(made: Estate) -> None:
    made.make(
        estate.ACCOUNT,
        "data",
        inside(accountName="lettatests", kind="StorageV2", sku={"name": "Standard_ZRS"}),
    )
    container = {"resourceGroupName": "rg", "accountName": "lettatests", "containerName": "open"}
    with pytest.raises(Refused, match="PublicAccessNotPermitted"):
        made.make(estate.CONTAINER, "open", {**container, "publicAccess": "Blob"})


def test_the_keys_of_a_cache_are_the_same_whenever_they_are_asked_for(made: Estate) -> None:
    cache = inside(
        clusterName="letta-cache", publicNetworkAccess="Disabled", sku={"name": "Balanced_B3"}
    )
    made.make(estate.CACHE, "cache", cache)
    asked = {
        "clusterName": "letta-cache",
        "databaseName": "default",
        "resourceGroupName": "rg",
    }
    keys = "azure-native:redisenterprise:listDatabaseKeys"
    with pytest.raises(Refused, match="has no database"):
        made.engine.invoke(keys, asked)
    data = {"resourceGroupName": "rg", "clusterName": "letta-cache", "databaseName": "default"}
    found = made.make(estate.CACHE_DATA, "default", data)
    with pytest.raises(Refused, match="has no keys"):
        made.engine.invoke(keys, asked)
    made.engine.update(found, {**data, "accessKeysAuthentication": "Enabled"})
    assert made.engine.invoke(keys, asked) == made.engine.invoke(keys, asked)


def test_a_cache_grows_in_place_and_does_not_shrink_or_outgrow_its_shard(made: Estate) -> None:
    def cache(size: str) -> dict[str, object]:
        return inside(clusterName="letta-cache", publicNetworkAccess="Disabled", sku={"name": size})

    found = made.make(estate.CACHE, "cache", cache("Balanced_B50"))
    with pytest.raises(Refused, match="which is smaller"):
        made.engine.update(found, cache("Balanced_B20"))
    with pytest.raises(Refused, match="NoCluster has 25 GiB at most"):
        made.make(
            estate.CACHE_DATA,
            "default",
            {
                "resourceGroupName": "rg",
                "clusterName": "letta-cache",
                "databaseName": "default",
                "clusteringPolicy": "NoCluster",
            },
        )


def test_a_queue_of_the_lowest_tier_has_no_sessions_and_dead_letters_need_a_queue(
    made: Estate,
) -> None:
    made.make(estate.NAMESPACE, "jobs", inside(namespaceName="letta-jobs", sku={"name": "Basic"}))
    queue = {"resourceGroupName": "rg", "namespaceName": "letta-jobs", "queueName": "jobs"}
    with pytest.raises(Refused, match="tier Basic"):
        made.make(estate.QUEUE, "jobs", {**queue, "requiresSession": True})
    with pytest.raises(Refused, match="there is no queue dead"):
        made.make(estate.QUEUE, "jobs", {**queue, "forwardDeadLetteredMessagesTo": "dead"})


def test_an_alarm_watches_something_that_is_there(made: Estate) -> None:
    criteria = {
        "odataType": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
        "allOf": [
            {
                "criterionType": "StaticThresholdCriterion",
                "name": "a",
                "metricName": "cpu_percent",
                "operator": "GreaterThan",
                "timeAggregation": "Average",
                "threshold": 80,
            }
        ],
    }
    alarm = inside(
        ruleName="cpu",
        enabled=True,
        severity=1,
        scopes=[path(f"{POSTGRES}/letta-db")],
        evaluationFrequency="PT5M",
        windowSize="PT15M",
        criteria=criteria,
    )
    with pytest.raises(Refused, match="ResourceNotFound"):
        made.make("azure-native:monitor:MetricAlert", "cpu", alarm)
    made.make(estate.DATABASE, "db", server())
    made.make("azure-native:monitor:MetricAlert", "cpu", alarm)
