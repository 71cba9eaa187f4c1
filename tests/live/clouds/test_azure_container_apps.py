"""What Container Apps runs, as the live sandbox reads it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sandbox.azure_native.live.container_apps import runs, scheduled, services
from sandbox.cloud import CloudObject
from sandbox.live.spec import Connect, HttpGet, LiveError, Objects, Process, Registration
from tests.live.clouds.azure import HOSTS, app, azure, behind, environment, job, probe, secret

SERVER = {"name": "server", "image": "i"}


def process(container: dict[str, Any], **template: Any) -> Process:  # noqa: ANN401 - of a template
    """The one container of the one app."""
    [found] = services(Objects([environment(), app("api", {**SERVER, **container}, **template)]))
    [only] = found.processes
    return only


def test_what_a_container_leaves_out_is_as_container_apps_has_it() -> None:
    found = process({})
    assert found.ports == (8283,)
    assert found.startup is not None
    assert (found.startup.question, found.startup.retries) == (Connect(port=8283), 240)
    assert found.readiness is not None
    assert (found.readiness.interval_seconds, found.readiness.retries) == (5, 48)
    assert found.health is not None
    assert (found.health.interval_seconds, found.health.retries) == (10, 3)
    assert found.stop_seconds == 30


def test_a_container_has_its_own_command_folders_and_checks() -> None:
    found = process(
        {
            "command": ["sh", "-c"],
            "args": ["exec letta"],
            "volumeMounts": [{"volumeName": "work", "mountPath": "/work"}],
            "probes": [
                probe("Startup", periodSeconds=20, failureThreshold=9),
                probe("Liveness", periodSeconds=30, timeoutSeconds=7),
                probe("Readiness", initialDelaySeconds=4),
            ],
        },
        volumes=[{"name": "work", "storageType": "EmptyDir"}],
        terminationGracePeriodSeconds=600,
    )
    assert found.command == ("sh", "-c", "exec letta")
    assert (found.folders, found.refused) == ({"/work": "work"}, ())
    assert found.startup is not None
    assert found.startup.question == HttpGet(port=8283, path="/well")
    assert found.startup.patience_seconds == 180
    assert found.health is not None
    assert (found.health.interval_seconds, found.health.timeout_seconds) == (30, 7)
    assert found.readiness is not None
    assert found.readiness.start_seconds == 4
    assert found.stop_seconds == 600


def test_only_the_container_that_is_asked_at_the_port_takes_requests() -> None:
    beside = {"name": "redis", "image": "r"}
    asked = {**SERVER, "probes": [probe("Liveness")]}
    [found] = services(Objects([environment(), app("api", beside, asked)]))
    first, second = found.processes
    assert (first.ports, first.startup, first.health) == ((), None, None)
    assert second.ports == (8283,)
    assert [each.container for each in found.registrations] == ["server"]
    # All containers of a copy share its address, and are told which app they are of.
    assert first.neighbours == ("127.0.0.1", "localhost")
    assert first.environment["CONTAINER_APP_NAME"] == "api"


def test_of_several_containers_one_must_be_asked() -> None:
    with pytest.raises(LiveError, match="no probe says which of 2 containers takes requests"):
        services(Objects([environment(), app("api", SERVER, {"name": "redis", "image": "r"})]))


def test_secrets_are_read_by_address_and_version_and_not_shown() -> None:
    address = "https://vault.vault.azure.net/secrets/password"
    kept = [
        {"name": "old", "keyVaultUrl": f"{address}/1"},
        {"name": "new", "keyVaultUrl": address},
        {"name": "own", "value": "0wn"},
    ]
    entries = [{"name": each["name"].upper(), "secretRef": each["name"]} for each in kept]
    entries.append({"name": "PLAIN", "value": "plain"})
    given = app("api", {**SERVER, "env": entries}, configuration={"secrets": kept})
    [found] = services(
        Objects(
            [
                environment(),
                given,
                secret("password", "1", "f1rst"),
                secret("password", "2", "s3cond"),
                secret("other", "3", "other"),
            ]
        )
    )[0].processes
    values = {name: found.environment[name] for name in ("OLD", "NEW", "OWN", "PLAIN")}
    assert values == {"OLD": "f1rst", "NEW": "s3cond", "OWN": "0wn", "PLAIN": "plain"}
    assert "s3cond" not in repr(found)


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ([], "has no secret a, which A names"),
        (
            [{"name": "a", "keyVaultUrl": "https://vault.vault.azure.net/secrets/password/7"}],
            "no secret of the stack has the address .*password/7",
        ),
        ([{"name": "a", "keyVaultUrl": "https://elsewhere/secrets/password"}], "elsewhere"),
    ],
)
def test_a_secret_that_is_not_there_is_named(kept: list[dict[str, str]], said: str) -> None:
    container = {**SERVER, "env": [{"name": "A", "secretRef": "a"}]}
    given = app("api", container, configuration={"secrets": kept})
    with pytest.raises(LiveError, match=said):
        services(Objects([environment(), given, secret("password", "1", "x")]))


@pytest.mark.parametrize(
    ("container", "template", "said"),
    [
        (
            {"volumeMounts": [{"volumeName": "v", "mountPath": "/v"}]},
            {"volumes": [{"name": "v", "storageType": "AzureFile"}]},
            "volume v of kind AzureFile",
        ),
        (
            {"probes": [{"type": "Liveness", "httpGet": {"port": 8283, "scheme": "HTTPS"}}]},
            {},
            "Liveness probe other than tcpSocket or plain httpGet",
        ),
    ],
)
def test_what_cannot_be_had_here_is_noted(
    container: dict[str, Any], template: dict[str, Any], said: str
) -> None:
    assert process(container, **template).refused == (said,)


@pytest.mark.parametrize(("least", "copies"), [(3, 3), (0, 1), (None, 1)])
def test_copies_are_those_that_are_never_taken_away(least: int | None, copies: int) -> None:
    given = app("api", scale={"minReplicas": least, "maxReplicas": 9})
    [found] = services(Objects([environment(), given]))
    assert found.copies == copies


def test_copies_are_behind_the_gateway_that_calls_their_app_by_name() -> None:
    found = {each.name: each for each in services(Objects(behind()))}
    for role in HOSTS:
        assert found[role].registrations == (
            Registration(
                container="server", port=8283, group=f"/s/gateway/backendAddressPools/{role}"
            ),
        )


def test_several_revisions_at_once_are_refused() -> None:
    given = app("api", configuration={"activeRevisionsMode": "Multiple"})
    with pytest.raises(LiveError, match="only Single runs here"):
        services(Objects([environment(), given]))


def script(name: str, value: str) -> CloudObject:
    """A deployment script that is told one value."""
    return azure(
        "resources:AzureCliScript", name, environmentVariables=[{"name": "JOB", "value": value}]
    )


def test_a_job_that_a_deployment_script_is_told_of_is_run_once_within_its_bounds() -> None:
    boot = job("boot", trigger="Manual", configuration={"replicaRetryLimit": 0})
    never = job("never", trigger="Manual")
    [found] = runs(Objects([boot, never, script("wait", "600"), script("run", "/S/boot")]))
    assert (found.name, found.seconds, found.attempts) == ("boot", 900, 1)
    [only] = found.processes
    assert only.environment["CONTAINER_APP_JOB_NAME"] == "boot"
    assert (only.startup, only.health, only.ports) == (None, None, ())


def test_a_job_with_a_timetable_runs_its_containers_after_those_that_prepare_it() -> None:
    first = {"name": "dump", "image": "p"}
    given = job("dump", {"name": "upload", "image": "a"}, initContainers=[first])
    [found] = scheduled(Objects([given, job("boot", trigger="Manual")]))
    assert (found.name, found.seconds, found.attempts) == ("dump", 1800, 2)
    assert [(each.name, each.after) for each in found.processes] == [
        ("dump", {}),
        ("upload", {"dump": "succeeded"}),
    ]


def test_a_job_of_several_copies_is_refused() -> None:
    given = job("dump", configuration={"scheduleTriggerConfig": {"parallelism": 2}})
    with pytest.raises(LiveError, match="parallelism is 2; only 1 runs here"):
        scheduled(Objects([given]))


def test_an_app_whose_environment_is_not_there_is_named() -> None:
    other = replace(environment(), id="/s/other")
    with pytest.raises(LiveError, match="runs in /s/ENVIRONMENT, which is not there"):
        services(Objects([other, app("api")]))
