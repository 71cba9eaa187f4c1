"""Task definitions: what runs, with which variables, limits and folders."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.letta import bootstrap
from components.letta.environment import (
    ENCRYPTION_KEY,
    HEALTH_PATH,
    POSTGRES_URI,
    REDIS_HOST,
    REQUIRED_REFERENCES,
    SERVER_COMMAND,
    SERVER_PASSWORD,
)
from tests.components.aws.deployment import FARGATE, containers, deployed, references, variables
from tests.components.aws.mock_cloud import UNKNOWN

_KEYS: dict[str, Any] = {"llm": {"providers": {"openai": {"api_key": "sk-in-the-open-0123456789"}}}}
_SERVERS = [
    ("small", "letta-test-api"),
    ("medium", "letta-test-api"),
    ("medium", "letta-test-work"),
]


def _server(tier: str, task: str, **values: Any) -> dict[str, Any]:  # noqa: ANN401
    return containers(deployed(tier, **values), task)["server"]


@pytest.mark.parametrize("tier", ["small", "medium"])
def test_every_definition_is_known_in_the_first_preview(tier: str) -> None:
    definitions = deployed(tier, preview=True).all(":TaskDefinition")
    assert len(definitions) == {"small": 3, "medium": 4}[tier]
    for definition in definitions:
        text = definition.inputs["containerDefinitions"]
        assert text != UNKNOWN
        assert UNKNOWN not in text
        assert "containerDefinitions" not in definition.secrets


@pytest.mark.parametrize(("tier", "task"), _SERVERS)
def test_servers_are_started_directly_and_never_migrate(tier: str, task: str) -> None:
    assert _server(tier, task)["command"] == list(SERVER_COMMAND)


@pytest.mark.parametrize(("tier", "task"), _SERVERS)
def test_servers_get_their_stores_and_secrets_by_reference(tier: str, task: str) -> None:
    server = _server(tier, task, **_KEYS)
    given = set(references(server))
    assert {POSTGRES_URI, SERVER_PASSWORD, ENCRYPTION_KEY, "OPENAI_API_KEY"} <= given
    assert set(REQUIRED_REFERENCES) <= given | set(variables(server))
    assert not given & set(variables(server))


@pytest.mark.parametrize("tier", ["small", "medium"])
def test_no_secret_stands_in_a_plain_property(tier: str) -> None:
    result = deployed(tier, **_KEYS)
    secrets = [
        each.inputs["secretString"]
        for each in result.all("secretsmanager/secretVersion:SecretVersion")
    ]
    assert "sk-in-the-open-0123456789" in secrets
    for resource in result.resources:
        for name, value in resource.inputs.items():
            if name not in resource.secrets:
                assert not any(secret in json.dumps(value) for secret in secrets), resource.name


@pytest.mark.parametrize(("tier", "task"), _SERVERS)
def test_all_but_three_folders_of_a_server_is_read_only(tier: str, task: str) -> None:
    server = _server(tier, task)
    folders = {each["containerPath"] for each in server["mountPoints"]}
    assert server["readonlyRootFilesystem"] is True
    assert folders == {variables(server)["HOME"], server["workingDirectory"], "/tmp"}
    volumes = deployed(tier).one(":TaskDefinition", task).inputs["volumes"]
    assert {each["sourceVolume"] for each in server["mountPoints"]} <= {v["name"] for v in volumes}


@pytest.mark.parametrize(("tier", "task"), _SERVERS)
def test_tools_in_a_server_have_no_rights_of_root_over_the_kernel(tier: str, task: str) -> None:
    assert _server(tier, task)["linuxParameters"]["capabilities"] == {"drop": ["ALL"]}


@pytest.mark.parametrize(("tier", "task"), _SERVERS)
def test_servers_are_asked_by_the_one_path_that_needs_no_password(tier: str, task: str) -> None:
    check = _server(tier, task)["healthCheck"]
    assert f":8283{HEALTH_PATH}'" in check["command"][-1]
    assert check["startPeriod"] >= 180


@pytest.mark.parametrize(("tier", "task"), _SERVERS)
def test_requests_in_flight_have_two_minutes_to_end(tier: str, task: str) -> None:
    assert _server(tier, task)["stopTimeout"] == 120


@pytest.mark.parametrize(("tier", "task"), _SERVERS)
def test_a_connection_to_a_database_that_fell_silent_fails_before_the_load_balancer_gives_up(
    tier: str, task: str
) -> None:
    # Measured on Linux: 107 s with 8 retries, a quarter of an hour with the kernel's own 15.
    [control] = _server(tier, task)["systemControls"]
    assert control == {"namespace": "net.ipv4.tcp_retries2", "value": "8"}


def test_the_proxy_lets_them_end_too() -> None:
    assert containers(deployed("small"), "letta-test-api")["proxy"]["stopTimeout"] == 120


@pytest.mark.parametrize("tier", ["small", "medium"])
def test_no_container_waits_for_its_log(tier: str) -> None:
    result = deployed(tier)
    for task in result.all(":TaskDefinition"):
        for container in containers(result, task.name).values():
            options = container["logConfiguration"]["options"]
            assert options["mode"] == "non-blocking"
            assert options["awslogs-group"].startswith(("letta-test-logs-", "letta-test-dump-"))


def test_the_administrator_logs_apart_from_the_servers() -> None:
    result = deployed("medium")
    groups = {
        task: next(iter(containers(result, task).values()))["logConfiguration"]["options"][
            "awslogs-group"
        ]
        for task in ("letta-test-api", "letta-test-work", "letta-test-boot")
    }
    assert len(set(groups.values())) == 3


def test_a_copy_is_as_large_as_the_tier_says() -> None:
    task = deployed("medium").one(":TaskDefinition", "letta-test-api").inputs
    assert (task["cpu"], task["memory"]) == ("1024", "3584")
    assert task["networkMode"] == "awsvpc"
    assert task["requiresCompatibilities"] == ["EC2"]


def test_a_copy_on_fargate_is_as_large_as_its_machine_would_be() -> None:
    result = deployed("medium", api=FARGATE)
    task = result.one(":TaskDefinition", "letta-test-api").inputs
    assert (task["cpu"], task["memory"]) == ("2048", "8192")
    assert task["requiresCompatibilities"] == ["FARGATE"]


def test_on_one_instance_the_server_its_cache_and_its_proxy_share_a_task() -> None:
    result = deployed("small")
    found = containers(result, "letta-test-api")
    assert set(found) == {"server", "redis", "proxy"}
    assert all(each["essential"] for each in found.values())
    assert variables(found["server"])[REDIS_HOST] == "172.17.0.1"
    ports = {name: [p["hostPort"] for p in each["portMappings"]] for name, each in found.items()}
    assert ports == {"server": [8283], "redis": [6379], "proxy": [80, 443]}


def test_on_one_instance_the_cache_starts_first_and_the_proxy_stops_first() -> None:
    found = containers(deployed("small"), "letta-test-api")
    assert [each["containerName"] for each in found["server"]["dependsOn"]] == ["redis"]
    assert [each["containerName"] for each in found["proxy"]["dependsOn"]] == ["server"]


def test_the_containers_of_one_instance_fit_it() -> None:
    found = containers(deployed("small"), "letta-test-api")
    assert sum(each["memory"] for each in found.values()) <= 4 * 1024 * 0.92


def test_certificates_outlive_a_deployment() -> None:
    result = deployed("small")
    proxy = containers(result, "letta-test-api")["proxy"]
    volumes = {
        v["name"]: v for v in result.one(":TaskDefinition", "letta-test-api").inputs["volumes"]
    }
    [mount] = [each for each in proxy["mountPoints"] if each["containerPath"] == "/data"]
    assert volumes[mount["sourceVolume"]]["hostPath"].startswith("/")
    assert all("hostPath" not in v for name, v in volumes.items() if name != mount["sourceVolume"])


@pytest.mark.parametrize("tier", ["small", "medium"])
def test_the_bootstrap_runs_its_script_in_the_servers_image(tier: str) -> None:
    result = deployed(tier)
    [job] = containers(result, "letta-test-boot").values()
    assert tuple(job["command"]) == bootstrap.command()
    assert job["image"] == containers(result, "letta-test-api")["server"]["image"]
    assert "workingDirectory" not in job
    folders = {each["containerPath"] for each in job["mountPoints"]}
    assert folders == {variables(job)["HOME"], "/tmp"}
    assert job["readonlyRootFilesystem"] is True
    expected = {bootstrap.ADMIN_URI, POSTGRES_URI, ENCRYPTION_KEY}
    assert set(references(job)) == expected | ({REDIS_HOST} if tier == "medium" else set())


def test_on_one_instance_the_bootstrap_asks_no_cache_that_is_yet_to_start() -> None:
    [job] = containers(deployed("small"), "letta-test-boot").values()
    assert REDIS_HOST not in {*variables(job), *references(job)}
