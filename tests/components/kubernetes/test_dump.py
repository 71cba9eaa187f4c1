"""The dump of a tenant: what it is given, whom it may call, where its dumps go."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.components.kubernetes.test_objects import objects, one, plain
from tests.policies import assembly


def _pod(**overrides: Any) -> dict[str, Any]:  # noqa: ANN401  (values of a file)
    job = plain(one("medium", "CronJob", "-dump", **overrides))
    pod: dict[str, Any] = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    return pod


def _with_storage(endpoint: str) -> dict[str, Any]:
    options = json.loads(assembly.stack_file("medium", {}, "kubernetes")["kubernetes"])
    options["object_storage"]["endpoint"] = endpoint
    return {"kubernetes": options}


def _egress(endpoint: str) -> dict[str, Any]:
    """The rule for object storage of the pod that dumps."""
    policy = one("medium", "NetworkPolicy", "-dump", **_with_storage(endpoint))
    [rule] = policy["spec"]["egress"]
    found: dict[str, Any] = plain(rule)
    return found


def test_the_upload_has_the_owner_s_bucket_and_keys_and_nothing_of_the_database() -> None:
    [upload] = _pod()["containers"]
    variables = {each["name"]: each.get("value") for each in upload["env"]}
    assert variables["DUMP_BUCKET"] == "letta-backups"
    assert variables["AWS_ENDPOINT_URL"] == "https://s3.example.com"
    assert variables["DUMP_KEPT_DAYS"] == "30"
    assert "LETTA_PG_URI" not in variables
    references = {
        each["name"]: each["valueFrom"]["secretKeyRef"]
        for each in upload["env"]
        if "valueFrom" in each
    }
    assert references["AWS_ACCESS_KEY_ID"] == {
        "name": "object-storage",
        "key": "access-key-id",
        "optional": False,
    }
    assert references["AWS_SECRET_ACCESS_KEY"]["key"] == "secret-access-key"


def test_dumps_of_a_stack_have_a_folder_of_their_own_in_a_bucket_that_others_use_too() -> None:
    [upload] = _pod()["containers"]
    assert "s3://$DUMP_BUCKET/letta-medium/letta-medium-dump/database/" in upload["command"][-1]


def test_a_retention_is_what_the_upload_deletes_by() -> None:
    [upload] = _pod(database={"dump": {"retention_days": 90}})["containers"]
    assert {"name": "DUMP_KEPT_DAYS", "value": "90"} in upload["env"]


def test_no_dump_leaves_nothing_of_it() -> None:
    made = objects("medium", database={"dump": None})
    assert [each.name for each in made if "dump" in each.name] == []


@pytest.mark.parametrize(
    ("endpoint", "port"), [("https://s3.example.com", 443), ("http://s3.example.com:9000", 9000)]
)
def test_object_storage_outside_is_called_at_its_port_and_at_no_private_address(
    endpoint: str, port: int
) -> None:
    rule = _egress(endpoint)
    assert [each["port"] for each in rule["ports"]] == [port]
    assert "10.0.0.0/8" in rule["to"][0]["ipBlock"]["except"]


def test_object_storage_at_a_private_address_is_called_there_alone() -> None:
    rule = _egress("https://10.1.2.3:9000")
    assert rule["to"] == [{"ipBlock": {"cidr": "10.1.2.3/32"}}]


def test_object_storage_in_the_cluster_is_called_at_its_pods() -> None:
    [peer] = _egress("http://minio.storage.svc.cluster.local")["to"]
    assert peer["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": "storage"}


@pytest.mark.parametrize(("store", "known"), [("-db-callers", True), ("-cache-callers", False)])
def test_the_run_may_call_the_database_and_not_the_cache(store: str, known: bool) -> None:
    policy = one("medium", "NetworkPolicy", store)
    [pods] = policy["spec"]["podSelector"]["matchExpressions"]
    assert ("dump" in pods["values"]) is known
