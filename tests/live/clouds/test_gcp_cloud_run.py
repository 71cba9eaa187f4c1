"""What Cloud Run runs, as the live sandbox reads it."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.gcp.live.cloud_run import runs, scheduled, services
from sandbox.live.spec import Connect, HttpGet, LiveError, Objects, Process, Registration
from tests.live.clouds.gcp import API, google, job, secret, service, way_in


def process(container: dict[str, Any], **template: Any) -> Process:  # noqa: ANN401 - of a template
    """The one container of the one service."""
    given = {"name": "server", "image": "i", **container}
    [found] = services(Objects([service("api", given, **template)]))
    [only] = found.processes
    return only


def test_what_a_container_leaves_out_is_as_cloud_run_has_it() -> None:
    found = process({})
    assert found.ports == (8080,)
    assert found.environment["PORT"] == "8080"
    assert found.startup is not None
    assert found.startup.question == Connect(port=8080)
    assert found.startup.patience_seconds == 240
    assert (found.health, found.stop_seconds) == (None, 10)


def test_a_container_has_its_own_command_folders_and_checks() -> None:
    probe = {"httpGet": {"path": "/well"}, "periodSeconds": 30, "failureThreshold": 4}
    found = process(
        {
            "commands": ["letta"],
            "args": ["server"],
            "workingDir": "/work",
            "ports": {"containerPort": 8283},
            "volumeMounts": [{"name": "work", "mountPath": "/work"}],
            "startupProbe": probe,
            "livenessProbe": probe,
        },
        volumes=[{"name": "work", "emptyDir": {"medium": "MEMORY"}}],
    )
    assert found.command == ("letta", "server")
    assert (found.working_directory, found.folders) == ("/work", {"/work": "work"})
    assert found.startup == found.health
    assert found.startup is not None
    assert found.startup.question == HttpGet(port=8283, path="/well")
    assert (found.startup.interval_seconds, found.startup.timeout_seconds) == (30, 1)
    assert (found.startup.retries, found.refused) == (4, ())


def test_a_container_waits_for_another_and_shares_its_address() -> None:
    server = {
        "name": "server",
        "image": "i",
        "ports": {"containerPort": 1},
        "dependsOns": ["redis"],
    }
    redis = {"name": "redis", "image": "r", "startupProbe": {"tcpSocket": {"port": 6379}}}
    [found] = services(Objects([service("api", server, redis)]))
    first, second = found.processes
    assert first.after == {"redis": "healthy"}
    assert first.neighbours == ("127.0.0.1", "localhost")
    assert second.startup is not None
    assert second.startup.question == Connect(port=6379)
    # Only who takes requests is told of a port, and asked for one unless it says otherwise.
    assert ("PORT" in first.environment, "PORT" in second.environment) == (True, False)
    assert second.environment["K_SERVICE"] == "api"


def test_secrets_are_read_by_version_and_not_shown() -> None:
    entries = [
        {"name": name, "valueSource": {"secretKeyRef": {"secret": where, "version": version}}}
        for name, where, version in (
            ("OLD", "password", "1"),
            ("NEW", "projects/p/secrets/password", "latest"),
        )
    ]
    objects = Objects(
        [
            service("api", {"name": "server", "image": "i", "envs": entries}),
            secret("password", "1", "f1rst"),
            secret("password", "2", "s3cond"),
            secret("password", "3", "switched off", enabled=False),
            secret("other", "4", "other"),
        ]
    )
    [found] = services(objects)[0].processes
    assert (found.environment["OLD"], found.environment["NEW"]) == ("f1rst", "s3cond")
    assert "s3cond" not in repr(found)


def test_a_secret_that_is_not_there_is_named() -> None:
    entry = {"name": "A", "valueSource": {"secretKeyRef": {"secret": "none", "version": "1"}}}
    with pytest.raises(LiveError, match="called none and has the version 1"):
        services(Objects([service("api", {"name": "server", "image": "i", "envs": [entry]})]))


@pytest.mark.parametrize(
    ("container", "template", "said"),
    [
        (
            {"volumeMounts": [{"name": "v", "mountPath": "/v"}]},
            {"volumes": [{"name": "v", "gcs": {"bucket": "b"}}]},
            "volume v of kind gcs",
        ),
        (
            {"livenessProbe": {"grpc": {"port": 1}}},
            {},
            "livenessProbe other than tcpSocket or plain httpGet",
        ),
        (
            {"startupProbe": {"httpGet": {"httpHeaders": [{"name": "a"}]}}},
            {},
            "startupProbe other than tcpSocket or plain httpGet",
        ),
    ],
)
def test_what_cannot_be_had_here_is_noted(
    container: dict[str, Any], template: dict[str, Any], said: str
) -> None:
    assert process(container, **template).refused == (said,)


@pytest.mark.parametrize(("least", "copies"), [(3, 3), (0, 1), (None, 1)])
def test_copies_are_those_that_are_never_taken_away(least: int | None, copies: int) -> None:
    [found] = services(Objects([service("api", scaling={"minInstanceCount": least})]))
    assert found.copies == copies


def test_copies_are_behind_whatever_leads_to_their_service() -> None:
    mapping = google("cloudrun/domainMapping:DomainMapping", "d", spec={"routeName": API})
    found = {each.name: each for each in services(Objects([*way_in(), mapping]))}
    assert found[API].registrations == tuple(
        Registration(container="server", port=8283, group=f"projects/p/{group}")
        for group in ("api-backend", "d")
    )


def test_a_job_with_a_token_is_run_once_within_its_bounds() -> None:
    boot = job("boot", {"name": "boot", "image": "i"}, maxRetries=0, timeout="900s")
    never = google("cloudrunv2/job:Job", "never", template={"template": {"containers": []}})
    [found] = runs(Objects([boot, never]))
    assert (found.name, found.seconds, found.attempts) == ("boot", 900, 1)
    [only] = found.processes
    assert only.environment["CLOUD_RUN_JOB"] == "boot"
    # Task template: ten minutes for each of four attempts.
    [slow] = runs(Objects([job("slow", {"name": "a", "image": "i"})]))
    assert (slow.seconds, slow.attempts) == (2400, 4)


def test_what_cloud_scheduler_calls_is_run_when_asked_unless_it_is_paused() -> None:
    dump = job("dump", {"name": "dump", "image": "i"})

    def schedule(called: str, *, paused: bool = False) -> list[Any]:
        uri = f"https://run.googleapis.com/v2/projects/p/locations/l/jobs/{called}:run"
        return [
            dump,
            google("cloudscheduler/job:Job", "s", httpTarget={"uri": uri}, paused=paused),
        ]

    [found] = scheduled(Objects(schedule("dump")))
    assert found.name == "dump"
    assert scheduled(Objects(schedule("dump", paused=True))) == ()
    assert scheduled(Objects(schedule("other"))) == ()
