from __future__ import annotations

import base64
from typing import Any

import pytest

from sandbox.kubernetes.live.cluster_services import hosts
from sandbox.kubernetes.live.pods import not_run, runs, services
from sandbox.live.spec import (
    Command,
    Connect,
    HttpGet,
    LiveError,
    Objects,
    Process,
    Registration,
)
from tests.live.pods import SELECTED, bound, deployment, kubernetes, pod, stored


def process(objects: Objects) -> Process:
    """The one container of the one Deployment."""
    [service] = services(objects)
    [found] = service.processes
    return found


def with_variables(*entries: dict[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """A container with these variables; `more` are other fields of it."""
    return {"name": "server", "image": "letta/letta:0.16.4", "env": list(entries), **more}


def secret_entry(name: str, key: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - of a pod
    return {"name": key, "valueFrom": {"secretKeyRef": {"name": name, "key": key, **more}}}


def test_what_a_pod_leaves_out_is_as_kubernetes_has_it() -> None:
    probe = {"httpGet": {"port": 8283}}
    found = process(deployment(pod({"name": "server", "image": "i", "livenessProbe": probe})))
    health = found.health
    assert health is not None
    assert health.question == HttpGet(port=8283, path="/")
    assert (health.interval_seconds, health.timeout_seconds, health.retries) == (10, 1, 3)
    assert (found.stop_seconds, found.pre_stop_seconds) == (30, 0)
    assert (found.startup, found.readiness) == (None, None)
    assert services(deployment(pod({"name": "server", "image": "i"})))[0].copies == 1


def test_a_container_has_its_own_command_folders_and_checks() -> None:
    found = process(
        deployment(
            pod(
                {
                    "name": "server",
                    "image": "i",
                    "command": ["letta"],
                    "args": ["server", "--port=$(PORT)", "$$HOME", "$(NONE)"],
                    "env": [{"name": "PORT", "value": "8283"}],
                    "workingDir": "/work",
                    "ports": [{"containerPort": 8283, "name": "http"}],
                    "volumeMounts": [{"name": "work", "mountPath": "/work"}],
                    "startupProbe": {"tcpSocket": {"port": "http"}, "failureThreshold": 36},
                    "readinessProbe": {"exec": {"command": ["true"]}, "initialDelaySeconds": 7},
                },
                volumes=[{"name": "work", "emptyDir": {}}],
            )
        )
    )
    assert found.command == ("letta", "server", "--port=8283", "$HOME", "$(NONE)")
    assert (found.working_directory, found.folders) == ("/work", {"/work": "work"})
    assert found.startup is not None
    assert found.readiness is not None
    assert found.startup.question == Connect(port=8283)
    assert found.startup.patience_seconds == 360
    assert found.readiness.question == Command(words=("true",))
    assert found.readiness.start_seconds == 7
    assert found.until_ready == (found.startup, found.readiness)
    assert found.refused == ()


def test_the_hook_before_the_end_takes_its_time_from_the_grace() -> None:
    leaving = {"name": "server", "image": "i", "lifecycle": {"preStop": {"sleep": {"seconds": 30}}}}
    found = process(deployment(pod(leaving, terminationGracePeriodSeconds=640)))
    assert (found.pre_stop_seconds, found.stop_seconds) == (30, 610)


def test_secrets_are_fetched_from_the_stores_of_the_cloud_and_not_shown() -> None:
    container = with_variables(
        secret_entry("fetched", "PASSWORD"),
        secret_entry("fetched", "HOST"),
        secret_entry("fetched", "INNER"),
    )
    found = process(Objects([*deployment(pod(container)).everything, *stored()]))
    assert found.environment == {"PASSWORD": "hidden", "HOST": "cache.example.com", "INNER": "one"}
    assert "hidden" not in repr(found)


def test_variables_come_from_secrets_maps_and_the_namespace_too() -> None:
    encoded = {"TOKEN": base64.b64encode(b"hidden").decode()}
    container = with_variables(
        secret_entry("plain", "TOKEN"),
        secret_entry("plain", "NONE", optional=True),
        {"name": "MODE", "value": "own, not $(MODE)"},
        {"name": "SPACE", "valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}}},
        envFrom=[
            {"configMapRef": {"name": "map"}, "prefix": "P_"},
            {"configMapRef": {"name": "map"}},
            {"secretRef": {"name": "none", "optional": True}},
        ],
    )
    found = process(
        Objects(
            [
                *deployment(pod(container)).everything,
                kubernetes("core/v1:Secret", "plain", data=encoded),
                kubernetes("core/v1:ConfigMap", "map", data={"MODE": "map's"}),
            ]
        )
    )
    assert found.environment == {
        "TOKEN": "hidden",
        "MODE": "own, not map's",
        "P_MODE": "map's",
        "SPACE": "letta",
    }


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (secret_entry("none", "TOKEN"), "the namespace letta has no none"),
        (secret_entry("fetched", "TOKEN"), "TOKEN of container server: fetched has no TOKEN"),
    ],
)
def test_a_reference_to_nothing_is_named(entry: dict[str, Any], said: str) -> None:
    objects = Objects([*deployment(pod(with_variables(entry))).everything, *stored()])
    with pytest.raises(LiveError, match=said):
        services(objects)


def test_a_secret_of_another_namespace_is_not_there() -> None:
    elsewhere = kubernetes("core/v1:Secret", "plain", namespace="other", data={})
    container = with_variables(secret_entry("plain", "TOKEN"))
    with pytest.raises(LiveError, match="the namespace letta has no plain"):
        services(Objects([*deployment(pod(container)).everything, elsewhere]))


@pytest.mark.parametrize(
    ("container", "more", "said"),
    [
        (
            {"volumeMounts": [{"name": "v", "mountPath": "/v"}]},
            {"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "v"}}]},
            "volume v of kind persistentVolumeClaim",
        ),
        (
            {"volumeMounts": [{"name": "v", "mountPath": "/v", "subPath": "s"}]},
            {"volumes": [{"name": "v", "emptyDir": {}}]},
            "volume v with subPath",
        ),
        ({"lifecycle": {"preStop": {"exec": {}}}}, {}, "preStop of kind exec"),
        (
            {"livenessProbe": {"grpc": {"port": 1}}},
            {},
            "livenessProbe other than exec, tcpSocket or plain httpGet",
        ),
        (
            {"readinessProbe": {"httpGet": {"port": 1, "scheme": "HTTPS"}}},
            {},
            "readinessProbe other than exec, tcpSocket or plain httpGet",
        ),
        (
            {"env": [{"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}]},
            {},
            "variable IP from status.podIP",
        ),
        (
            {"env": [{"name": "CPU", "valueFrom": {"resourceFieldRef": {"resource": "cpu"}}}]},
            {},
            "variable CPU from resourceFieldRef",
        ),
    ],
)
def test_what_cannot_be_had_here_is_noted_and_stops_no_other_pod(
    container: dict[str, Any], more: dict[str, Any], said: str
) -> None:
    found = process(deployment(pod({"name": "server", "image": "i", **container}, **more)))
    assert found.refused == (said,)


def test_a_token_of_the_pod_s_account_is_a_file_in_its_volume() -> None:
    mount = {"name": "identity", "mountPath": "/var/run/cloud"}
    source = {"serviceAccountToken": {"audience": "a", "path": "token"}}
    container = {"name": "upload", "image": "i", "volumeMounts": [mount]}

    def of(*sources: dict[str, Any]) -> Process:
        volume = {"name": "identity", "projected": {"sources": list(sources)}}
        [found] = services(deployment(pod(container, volumes=[volume])))
        return found.processes[0]

    found = of(source)
    assert (found.refused, list(found.files)) == ((), ["/var/run/cloud/token"])
    assert all(found.files.values())
    assert of(source, {"configMap": {"name": "more"}}).refused == (
        "volume identity of kind projected",
    )


def test_containers_that_prepare_a_pod_come_one_after_the_other_and_before_the_rest() -> None:
    first, second, beside = (
        {"name": "first", "image": "i"},
        {"name": "second", "image": "i"},
        {"name": "beside", "image": "i", "restartPolicy": "Always"},
    )
    objects = deployment(
        pod({"name": "server", "image": "i"}, initContainers=[first, second, beside])
    )
    [service] = services(objects)
    assert {each.name: each.after for each in service.processes} == {
        "first": {},
        "second": {"first": "succeeded"},
        "beside": {"first": "succeeded", "second": "succeeded"},
        "server": {"first": "succeeded", "second": "succeeded", "beside": "started"},
    }


@pytest.mark.parametrize(("replicas", "copies"), [(1, 2), (8, 8), (12, 10)])
def test_copies_are_within_the_bounds_of_the_autoscaler(replicas: int, copies: int) -> None:
    scaler = kubernetes(
        "autoscaling/v2:HorizontalPodAutoscaler",
        "api",
        spec={
            "scaleTargetRef": {"kind": "Deployment", "name": "api"},
            "minReplicas": 2,
            "maxReplicas": 10,
        },
    )
    objects = deployment(pod({"name": "server", "image": "i"}), replicas=replicas)
    assert services(Objects([*objects.everything, scaler]))[0].copies == copies


@pytest.mark.parametrize(
    ("strategy", "percents"),
    [
        ({}, (125, 75)),
        ({"type": "Recreate"}, (100, 0)),
        ({"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}, (125, 100)),
        ({"rollingUpdate": {"maxSurge": "50%", "maxUnavailable": "10%"}}, (150, 90)),
    ],
)
def test_a_deployment_keeps_to_its_strategy(
    strategy: dict[str, Any], percents: tuple[int, int]
) -> None:
    objects = deployment(pod({"name": "server", "image": "i"}), replicas=4, strategy=strategy)
    [service] = services(objects)
    assert (service.maximum_percent, service.minimum_percent) == percents


@pytest.mark.parametrize(
    ("port", "target"), [(80, "http"), ("web", "http"), (80, 8283), ("web", 8283)]
)
def test_a_target_group_reaches_the_pods_that_its_service_selects(
    port: int | str, target: int | str
) -> None:
    [service] = services(bound(port=port, target=target))
    assert service.registrations == (
        Registration(container="server", port=8283, group="arn:targets/api"),
    )


def test_a_service_of_other_pods_sends_none_here() -> None:
    [service] = services(bound(selector={**SELECTED, "version": "other"}))
    assert service.registrations == ()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"named": "none"}, "names the service letta/none, which is not there"),
        ({"target": 9}, "no container has the port that 80 stands for"),
        ({"port": 81}, "no container has the port that 81 stands for"),
    ],
)
def test_a_binding_that_leads_nowhere_is_named(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(LiveError, match=said):
        services(bound(**changes))


def test_a_job_is_run_within_its_own_bounds() -> None:
    container = {"name": "bootstrap", "image": "i"}
    spec = {"template": pod(container), "activeDeadlineSeconds": 900, "backoffLimit": 2}
    [run] = runs(Objects([kubernetes("batch/v1:Job", "boot", spec=spec)]))
    assert (run.name, run.seconds, run.attempts) == ("boot", 900, 3)
    [found] = run.processes
    assert found.name == "bootstrap"


def test_a_job_of_several_pods_is_refused() -> None:
    spec = {"template": pod({"name": "bootstrap", "image": "i"}), "completions": 2}
    with pytest.raises(LiveError, match="completions is 2; only 1 runs here"):
        runs(Objects([kubernetes("batch/v1:Job", "boot", spec=spec)]))


def test_services_have_names_in_the_cluster_and_what_is_not_run_is_known() -> None:
    objects = Objects(
        [
            kubernetes("core/v1:Service", "embeddings", spec={}),
            kubernetes("helm.sh/v3:Release", "operator"),
            kubernetes("core/v1:ConfigMap", "map"),
        ]
    )
    assert hosts(objects) == ("embeddings.letta.svc.cluster.local",)
    [left_out] = not_run(objects)
    assert '"operator"' in left_out
