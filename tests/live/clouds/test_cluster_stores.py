"""Databases and caches that a cluster itself runs, as the live sandbox reads them."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from sandbox.kubernetes.live.databases import buckets, servers
from sandbox.kubernetes.live.environment import NOT_ASKED_FOR
from sandbox.kubernetes.live.pods import scheduled, services
from sandbox.live.spec import LiveError, Objects
from tests.live.pods import SELECTED, deployment, kubernetes, pod

ADMIN, OWNER = "Adm1nPassw0rd", "0wnerPassw0rd"


def database(**changes: Any) -> Objects:  # noqa: ANN401 - of the Cluster's spec
    """A Cluster of CloudNativePG with the Secrets of its two accounts."""
    spec = {
        "instances": 3,
        "imageName": "ghcr.io/cloudnative-pg/postgresql:16.13-standard-trixie",
        "enableSuperuserAccess": True,
        "superuserSecret": {"name": "admin"},
        "bootstrap": {
            "initdb": {"database": "letta", "owner": "letta", "secret": {"name": "owner"}}
        },
        "postgresql": {
            "parameters": {"max_connections": "224"},
            "synchronous": {"method": "any", "number": 1},
        },
        **changes,
    }
    return Objects(
        [
            kubernetes("postgresql.cnpg.io/v1:Cluster", "db", spec=spec),
            kubernetes("core/v1:Secret", "admin", stringData={"password": ADMIN}),
            kubernetes(
                "core/v1:Secret",
                "owner",
                data={"password": base64.b64encode(OWNER.encode()).decode()},
            ),
        ]
    )


def test_of_three_instances_one_is_the_standby_and_one_is_read() -> None:
    primary, replica = servers(database())
    assert (primary.identifier, primary.version, primary.port) == ("db-1", "16", 5432)
    assert primary.host == "db-rw.letta.svc.cluster.local"
    assert (primary.source, primary.multi_az) == ("", True)
    assert (replica.identifier, replica.source) == ("db-2", "db-1")
    assert replica.host == "db-ro.letta.svc.cluster.local"
    assert replica.multi_az is False


def test_without_synchronous_copies_all_other_instances_are_read() -> None:
    found = servers(database(postgresql={"parameters": {}}))
    assert [each.multi_az for each in found] == [False, False, False]
    assert len({each.host for each in found}) == 3
    # PostgreSQL's own default.
    assert found[0].settings["max_connections"] == "100"


def test_the_superuser_and_the_owner_have_the_passwords_of_their_secrets() -> None:
    primary, replica = servers(database())
    assert (primary.user, primary.password) == ("postgres", ADMIN)
    assert (primary.owner, primary.owner_password, primary.database) == ("letta", OWNER, "letta")
    assert (replica.password, replica.owner_password) == ("", "")
    assert ADMIN not in repr(primary)
    assert OWNER not in repr(primary)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"enableSuperuserAccess": False}, "its superuser has no Secret"),
        ({"superuserSecret": {"name": "none"}}, "the namespace letta has no none"),
        ({"imageName": "postgresql@sha256:1"}, "does not say its version"),
        (
            {"postgresql": {"synchronous": {"method": "first", "number": 2}}},
            "only any 1 runs here",
        ),
        ({"postgresql": {"parameters": {"work_mem": "8MB"}}}, "work_mem is 8MB"),
    ],
)
def test_what_would_run_otherwise_here_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(LiveError, match=words):
        servers(database(**changes))


def archived() -> Objects:
    """An archive, and a scheduled run with the archive's keys."""
    keys = {
        "accessKeyId": {"name": "owner-s", "key": "id"},
        "secretAccessKey": {"name": "owner-s", "key": "secret"},
    }
    configuration = {"destinationPath": "s3://backups/letta/db", "s3Credentials": keys}
    entries = [
        {"name": "ID", "valueFrom": {"secretKeyRef": {"name": "owner-s", "key": "id"}}},
        {"name": "BUCKET", "value": "backups"},
    ]
    job = {"template": pod({"name": "upload", "image": "i", "env": entries})}
    return Objects(
        [
            kubernetes(
                "barmancloud.cnpg.io/v1:ObjectStore", "db", spec={"configuration": configuration}
            ),
            kubernetes("batch/v1:CronJob", "dump", spec={"jobTemplate": {"spec": job}}),
        ]
    )


def test_the_owner_s_bucket_is_known_and_asks_for_no_keys_here() -> None:
    assert buckets(archived()) == ("backups",)
    [run] = scheduled(archived())
    [process] = run.processes
    assert process.environment == {"ID": NOT_ASKED_FOR, "BUCKET": "backups"}


def redis(*, namespace: str = "letta", **spec: Any) -> Objects:  # noqa: ANN401 - as above
    """A Deployment that never has two pods at once, and a service."""
    given = {"strategy": {"type": "Recreate"}, **spec}
    return Objects(
        [
            *deployment(pod({"name": "redis", "image": "redis:7"}), **given).everything,
            kubernetes(
                "core/v1:Service",
                "cache",
                namespace=namespace,
                spec={"selector": SELECTED, "ports": [{"port": 6379}]},
            ),
        ]
    )


def test_a_service_s_name_leads_to_the_only_pod_behind_it() -> None:
    [service] = services(redis())
    assert service.host == "cache.letta.svc.cluster.local"


@pytest.mark.parametrize(
    "objects",
    [redis(replicas=2), redis(strategy={"type": "RollingUpdate"}), redis(namespace="other")],
)
def test_a_name_leads_to_no_pod_that_might_be_one_of_several_or_elsewhere(objects: Objects) -> None:
    [service] = services(objects)
    assert service.host == ""
