"""Servers on a cluster: what their pods may do, how they come, scale and go."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pulumi
import pytest
from pulumi_random import RandomId, RandomPassword

from components.letta.environment import HEALTH_PATH, SERVER_COMMAND, STARTUP_SECONDS
from components.roles import NodePool, SidecarArgs
from components.workloads.cluster import BASE_PLACEMENT, placement
from components.workloads.servers import GRACE_SECONDS, PRE_STOP_SECONDS, Servers
from tests.components.aws.mock_cloud import UNKNOWN, Registered, Run, run
from tests.components.workloads import strict
from tests.components.workloads.standin import (
    CALLERS,
    NETWORK,
    SERVICES,
    STORES,
    cluster,
    nested,
    server,
    tier,
)

NAME = "letta-test-api"


def _register(service: pulumi.Resource) -> pulumi.Resource:
    return RandomId(
        "registration", byte_length=8, opts=pulumi.ResourceOptions(depends_on=[service])
    )


@cache
def _run(preview: bool = False, **changes: Any) -> Run[str]:  # noqa: ANN401
    def program() -> str:
        first = RandomPassword("first", length=8)
        opts = pulumi.ResourceOptions(depends_on=[first])
        return Servers(
            NAME, tier(**changes), server(), cluster(), BASE_PLACEMENT, opts, register=_register
        ).service

    return run(program, preview=preview)


def _deployment(**changes: Any) -> Registered:  # noqa: ANN401
    return _run(**changes).one(":Deployment")


def _pod() -> dict[str, Any]:
    template: dict[str, Any] = _deployment().inputs["spec"]["template"]
    return template


def _container() -> dict[str, Any]:
    (container,) = _pod()["spec"]["containers"]
    found: dict[str, Any] = container
    return found


def test_every_object_holds_against_the_schemas_of_the_oldest_version() -> None:
    resources = _run().resources
    kinds = {each.inputs["kind"] for each in strict.objects(resources)}
    assert kinds == {
        "Deployment",
        "ExternalSecret",
        "HorizontalPodAutoscaler",
        "Namespace",
        "NetworkPolicy",
        "PodDisruptionBudget",
        "Service",
        "ServiceAccount",
    }
    assert strict.problems(resources) == []


def test_every_object_goes_through_the_clusters_own_provider() -> None:
    assert {each.provider for each in strict.objects(_run().resources)} == {"letta-test-cluster"}


def test_before_the_cluster_exists_all_is_known_but_what_a_secret_is_called() -> None:
    resources = strict.objects(_run(preview=True).resources)
    for each in resources:
        assert each.inputs["metadata"]["name"], each.name
        if each.inputs["kind"] not in ("Deployment", "ExternalSecret"):
            assert UNKNOWN not in list(nested(each.inputs)), each.name
    assert len(resources) == len(strict.objects(_run().resources))


def test_every_object_is_labelled_and_lies_in_the_workloads_namespace() -> None:
    for each in strict.objects(_run().resources):
        metadata = each.inputs["metadata"]
        assert {
            f"app.kubernetes.io/{key}"
            for key in ("name", "instance", "component", "part-of", "managed-by")
        } <= set(metadata["labels"]), each.name
        assert metadata.get("namespace") == "letta" or each.inputs["kind"] == "Namespace"


def test_a_pod_has_no_rights_over_its_node_nor_over_the_cluster() -> None:
    spec = _pod()["spec"]
    assert spec["automountServiceAccountToken"] is False
    assert spec["serviceAccountName"] == NAME
    assert _run().one(":ServiceAccount").inputs["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] > 0
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    context = _container()["securityContext"]
    assert context["allowPrivilegeEscalation"] is False
    assert context["readOnlyRootFilesystem"] is True
    assert context["capabilities"] == {"drop": ["ALL"]}
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)


def test_the_namespace_admits_only_pods_without_rights() -> None:
    labels = _run().one(":Namespace").inputs["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_no_variable_of_the_cluster_stands_in_for_one_of_the_servers() -> None:
    """A service called letta-redis would set LETTA_REDIS_PORT to a URL, which ends the server."""
    assert _pod()["spec"]["enableServiceLinks"] is False
    assert _run().result == NAME


def test_the_server_starts_directly_and_writes_only_where_it_may() -> None:
    container = _container()
    assert container["command"] == list(SERVER_COMMAND)
    assert "args" not in container
    mounts = {mount["mountPath"] for mount in container["volumeMounts"]}
    home = {each["name"]: each.get("value") for each in container["env"]}["HOME"]
    assert {container["workingDir"], home, "/tmp"} == mounts
    for volume in _pod()["spec"]["volumes"]:
        assert volume["emptyDir"]["sizeLimit"].endswith("Mi")
        assert set(volume) == {"name", "emptyDir"}


def test_a_pod_is_given_what_it_requests_and_held_to_its_limits() -> None:
    assert _container()["resources"] == {
        "requests": {"cpu": "500m", "memory": "1024Mi"},
        "limits": {"cpu": "2000m", "memory": "4096Mi"},
    }


def test_values_come_from_a_secret_by_variable_and_never_in_plain_text() -> None:
    env = {each["name"]: each for each in _container()["env"]}
    assert env["LETTA_ENVIRONMENT"] == {"name": "LETTA_ENVIRONMENT", "value": "PRODUCTION"}
    secret = _run().one(":ExternalSecret").inputs["spec"]["target"]["name"]
    for variable in ("LETTA_PG_URI", "LETTA_REDIS_HOST"):
        key = {"name": secret, "key": variable, "optional": False}
        assert env[variable] == {"name": variable, "valueFrom": {"secretKeyRef": key}}


def test_which_variables_come_from_a_secret_is_known_before_it_exists() -> None:
    inputs = _run(preview=True).one(":Deployment").inputs
    env = inputs["spec"]["template"]["spec"]["containers"][0]["env"]
    references = {
        each["name"]: each["valueFrom"]["secretKeyRef"]["key"]
        for each in env
        if "valueFrom" in each
    }
    assert references == {name: name for name in ("LETTA_PG_URI", "LETTA_REDIS_HOST")}


def test_a_slow_start_is_waited_for_and_a_busy_server_is_not_ended_at_once() -> None:
    container = _container()
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[probe]["httpGet"]["path"] == HEALTH_PATH
        assert container[probe]["httpGet"]["port"] == 8283
    start, live, ready = (
        container[f"{probe}Probe"]["periodSeconds"] * container[f"{probe}Probe"]["failureThreshold"]
        for probe in ("startup", "liveness", "readiness")
    )
    assert start >= STARTUP_SECONDS
    assert live > ready
    assert live >= 120


def test_a_leaving_copy_still_answers_then_drains_its_longest_request() -> None:
    spec = _pod()["spec"]
    sleep = _container()["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert sleep == PRE_STOP_SECONDS >= 15
    assert spec["terminationGracePeriodSeconds"] == GRACE_SECONDS >= sleep + 600


def test_a_deployment_takes_no_copy_away_before_the_new_ones_are_well() -> None:
    spec = _deployment().inputs["spec"]
    assert spec["strategy"]["type"] == "RollingUpdate"
    assert spec["strategy"]["rollingUpdate"] == {"maxSurge": "25%", "maxUnavailable": 0}
    assert spec["minReadySeconds"] > 0
    assert spec["progressDeadlineSeconds"] >= 2 * STARTUP_SECONDS
    timeouts = _deployment().timeouts
    assert set(timeouts.values()) == {"30m"}
    assert set(timeouts) == {"create", "update", "delete"}


def test_pods_wait_for_what_they_need_and_for_what_the_caller_says() -> None:
    assert {
        "RandomPassword first",
        "RandomId registration",
        f"ExternalSecret {NAME}",
        f"NetworkPolicy {NAME}",
        f"ServiceAccount {NAME}",
    } <= _deployment().depends_on
    assert f"Service {NAME}" in _run().one(":RandomId").depends_on
    ready = {"Namespace letta-test-base", "NetworkPolicy letta-test-base-default-deny"}
    for kind in (":ExternalSecret", ":ServiceAccount", ":Service", ":PodDisruptionBudget"):
        assert ready <= _run().one(kind).depends_on


def test_the_autoscaler_keeps_the_count_that_it_has_chosen() -> None:
    deployment = _deployment()
    assert deployment.inputs["spec"]["replicas"] == 3
    assert deployment.ignore_changes == ("spec.replicas",)


def test_copies_scale_between_the_bounds_by_cpu_and_memory() -> None:
    result = _run(
        cpu_target_percent=60,
        memory_target_percent=64,
        scale_out_cooldown_seconds=60,
        scale_in_cooldown_seconds=600,
    )
    spec = result.one(":HorizontalPodAutoscaler").inputs["spec"]
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": NAME}
    assert spec["scaleTargetRef"] == target
    assert result.one(":Deployment").inputs["metadata"]["name"] == NAME
    assert (spec["minReplicas"], spec["maxReplicas"]) == (2, 6)
    assert {each["resource"]["name"]: each["resource"]["target"] for each in spec["metrics"]} == {
        "cpu": {"type": "Utilization", "averageUtilization": 60},
        "memory": {"type": "Utilization", "averageUtilization": 64},
    }
    behavior = spec["behavior"]
    assert behavior["scaleUp"]["stabilizationWindowSeconds"] == 60
    assert behavior["scaleDown"]["stabilizationWindowSeconds"] == 600
    assert behavior["scaleDown"]["policies"] == [{"type": "Pods", "value": 1, "periodSeconds": 60}]


def test_by_default_it_grows_after_two_minutes_and_shrinks_after_five() -> None:
    spec = _run().one(":HorizontalPodAutoscaler").inputs["spec"]
    assert spec["behavior"]["scaleUp"]["stabilizationWindowSeconds"] == 120
    assert spec["behavior"]["scaleDown"]["stabilizationWindowSeconds"] == 300
    percents = [each["resource"]["target"]["averageUtilization"] for each in spec["metrics"]]
    assert percents == [65, 70]


def test_equal_bounds_need_no_autoscaler_and_fix_the_count() -> None:
    bounds = {"replicas": 3, "min_replicas": 3, "max_replicas": 3}
    assert not _run(**bounds).all(":HorizontalPodAutoscaler")
    assert _deployment(**bounds).ignore_changes == ()


def test_one_copy_may_be_away_when_machines_are_drained() -> None:
    spec = _run().one(":PodDisruptionBudget").inputs["spec"]
    assert spec["maxUnavailable"] == 1
    assert spec["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
    labels = _pod()["metadata"]["labels"].items()
    assert spec["selector"]["matchLabels"].items() <= labels


def test_all_that_picks_pods_picks_these() -> None:
    labels = _pod()["metadata"]["labels"].items()
    result = _run()
    policy = result.one(":NetworkPolicy", NAME).inputs["spec"]["podSelector"]["matchLabels"]
    service = result.one(":Service").inputs["spec"]["selector"]
    spread = [
        each["labelSelector"]["matchLabels"] for each in _pod()["spec"]["topologySpreadConstraints"]
    ]
    deployment = _deployment().inputs["spec"]["selector"]["matchLabels"]
    for selector in (policy, service, deployment, *spread):
        assert selector
        assert selector.items() <= labels


def test_copies_are_spread_over_zones_and_machines() -> None:
    constraints = _pod()["spec"]["topologySpreadConstraints"]
    assert [each["topologyKey"] for each in constraints] == [
        "topology.kubernetes.io/zone",
        "kubernetes.io/hostname",
    ]
    # A condition would leave copies waiting for a machine in a zone that nobody can ask for.
    assert {each["whenUnsatisfiable"] for each in constraints} == {"ScheduleAnyway"}


def test_servers_are_called_by_the_load_balancer_alone() -> None:
    spec = _run().one(":NetworkPolicy", NAME).inputs["spec"]
    assert spec["policyTypes"] == ["Ingress", "Egress"]
    assert spec["ingress"] == [
        {
            "from": [{"ipBlock": {"cidr": cidr}} for cidr in CALLERS],
            "ports": [{"protocol": "TCP", "port": 8283}],
        }
    ]


def test_servers_reach_their_stores_models_and_the_internet_but_no_metadata() -> None:
    spec = _run().one(":NetworkPolicy", NAME).inputs["spec"]
    stores, models, internet = spec["egress"]
    assert stores["to"] == [{"ipBlock": {"cidr": cidr}} for cidr in STORES]
    assert [port["port"] for port in stores["ports"]] == [5432, 6379]
    (peer,) = models["to"]
    assert set(peer) == {"podSelector"}
    (expression,) = peer["podSelector"]["matchExpressions"]
    assert expression["values"] == ["embedding", "llm"]
    (anywhere,) = internet["to"]
    assert anywhere["ipBlock"]["cidr"] == "0.0.0.0/0"
    # 169.254.169.254 and 169.254.170.23 are where rights of machines and pods are handed out.
    assert anywhere["ipBlock"]["except"] == ["169.254.0.0/16", NETWORK, SERVICES]


def test_whoever_says_nothing_may_only_ask_dns() -> None:
    result = _run()
    deny = result.one(":NetworkPolicy", "letta-test-base-default-deny").inputs["spec"]
    assert deny["podSelector"] == {}
    assert deny["policyTypes"] == ["Ingress", "Egress"]
    assert not deny.get("egress")
    assert not deny.get("ingress")
    dns = result.one(":NetworkPolicy", "letta-test-base-dns").inputs["spec"]
    assert dns["podSelector"] == {}
    (rule,) = dns["egress"]
    assert {(port["protocol"], port["port"]) for port in rule["ports"]} == {
        ("UDP", 53),
        ("TCP", 53),
    }


def test_pods_run_on_the_nodes_of_their_role_and_bear_their_taints() -> None:
    pool = NodePool(
        role="worker", instance_type="c6i.2xlarge", initial=1, minimum=1, maximum=2, disk_gib=100
    )
    result = run(
        lambda: (
            Servers(
                NAME,
                tier(),
                server(),
                cluster(),
                placement(pool),
                pulumi.ResourceOptions(),
                register=_register,
            ).service
        )
    )
    spec = result.one(":Deployment").inputs["spec"]["template"]["spec"]
    assert spec["nodeSelector"] == {"letta.cloud/pool": "worker"}
    assert spec["tolerations"] == [
        {
            "key": "letta.cloud/pool",
            "operator": "Equal",
            "value": "worker",
            "effect": "NoSchedule",
        }
    ]
    assert _pod()["spec"]["nodeSelector"] == {"letta.cloud/pool": "api"}
    assert _pod()["spec"]["tolerations"] == []


def test_a_cache_of_each_copys_own_is_refused() -> None:
    sidecar = SidecarArgs(name="redis", image="redis:7", command=(), port=6379, memory_mib=64)
    args = replace(server(), sidecars=(sidecar,))
    with pytest.raises(ValueError, match="single copy"):
        run(
            lambda: Servers(
                NAME,
                tier(),
                args,
                cluster(),
                BASE_PLACEMENT,
                pulumi.ResourceOptions(),
                register=_register,
            )
        )
