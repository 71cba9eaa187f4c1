from __future__ import annotations

from typing import Any

import pytest

from policies.facts.commands import option
from policies.facts.kubernetes import objects, quantities, workloads
from policies.facts.model import Taint, Toleration, unborne
from policies.facts.resource import UNDETERMINED, Node, Resource
from policies.facts.unknown import Undecidable
from tests.policies.changes import Added, Change, Edit, Put, Where, apply
from tests.policies.judging import good, judged


def resource(properties: Any, kind: str = "kubernetes:apps/v1:Deployment") -> Resource:  # noqa: ANN401
    return Resource(type=kind, name="one", urn="urn:one", properties=properties)


def node(properties: Any) -> Node:  # noqa: ANN401
    return resource(properties).root


@pytest.mark.parametrize(
    ("text", "amount"),
    [("500m", 0.5), ("2", 2), (2, 2), (0.25, 0.25), ("1e1", 10), ("2k", 2000), (".5", 0.5)],
)
def test_amounts_of_cpu(text: object, amount: float) -> None:
    assert quantities.vcpus(node({"cpu": text}), "cpu") == pytest.approx(amount)


@pytest.mark.parametrize(
    ("text", "mib"),
    [("1Gi", 1024), ("4096Mi", 4096), ("1048576", 1), ("1M", 1e6 / 2**20), ("2Ti", 2 * 2**20)],
)
def test_amounts_of_memory(text: str, mib: float) -> None:
    assert quantities.mib(node({"memory": text}), "memory") == pytest.approx(mib)


def test_what_is_not_stated_is_nothing() -> None:
    assert quantities.mib(node({}), "memory") == 0


@pytest.mark.parametrize("text", ["1 Gi", "much", "1gb", UNDETERMINED])
def test_an_amount_that_makes_no_sense_cannot_be_decided_on(text: object) -> None:
    with pytest.raises(Undecidable):
        float(quantities.mib(node({"memory": text}), "memory"))


def test_a_key_may_hold_dots() -> None:
    assert quantities.count(node({"nvidia.com/gpu": "8"}), "nvidia.com/gpu") == 8
    labels = node({"labels": {"letta.cloud/pool": "api"}}).mapping("labels")
    assert labels == {"letta.cloud/pool": "api"}


POD = {"app": "server", "tier": "api"}


def _expression(key: str, operator: str, *values: str) -> dict[str, Any]:
    return {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}


@pytest.mark.parametrize(
    ("selector", "picked"),
    [
        ({}, True),
        ({"matchLabels": {"app": "server"}}, True),
        ({"matchLabels": {"app": "server", "tier": "worker"}}, False),
        ({"matchLabels": {"zone": ""}}, False),
        (_expression("app", "In", "server", "other"), True),
        (_expression("app", "NotIn", "server"), False),
        (_expression("zone", "NotIn", "a"), True),
        (_expression("tier", "Exists"), True),
        (_expression("zone", "DoesNotExist"), True),
        (_expression("app", "DoesNotExist"), False),
    ],
)
def test_selectors_pick_by_labels(selector: dict[str, Any], picked: bool) -> None:
    assert objects.selects(node(selector), POD) is picked


def test_a_selector_with_an_unknown_label_cannot_be_decided_on() -> None:
    with pytest.raises(Undecidable):
        objects.selects(node({"matchLabels": {"app": UNDETERMINED}}), POD)


GPU = Taint(key="nvidia.com/gpu", value="present", effect="NoSchedule")


@pytest.mark.parametrize(
    ("key", "value", "effect", "enough"),
    [
        ("nvidia.com/gpu", "present", "NoSchedule", True),
        ("nvidia.com/gpu", "", "", True),
        ("", "", "", True),
        ("nvidia.com/gpu", "absent", "NoSchedule", False),
        ("nvidia.com/gpu", "", "NoExecute", False),
        ("letta.cloud/pool", "", "", False),
    ],
)
def test_tolerations_bear_taints(key: str, value: str, effect: str, enough: bool) -> None:
    toleration = Toleration(key=key, value=value, effect=effect)
    assert toleration.bears(GPU) is enough
    assert unborne([GPU], [toleration]) == ([] if enough else [GPU])


def test_a_taint_that_is_only_a_wish_keeps_nobody_off() -> None:
    assert unborne([Taint(key="a", value="b", effect="PreferNoSchedule")], []) == []


@pytest.mark.parametrize(
    ("strategy", "surge"),
    [
        ({}, 3),
        ({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "50%"}}, 5),
        ({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 2}}, 2),
        ({"type": "Recreate"}, 0),
    ],
)
def test_a_deployment_starts_copies_beyond_the_wanted_ones(
    strategy: dict[str, Any], surge: int
) -> None:
    assert workloads.surge(resource({"spec": {"strategy": strategy}}), 10) == surge


def test_stateful_sets_start_none() -> None:
    assert workloads.surge(resource({}, "kubernetes:apps/v1:StatefulSet"), 10) == 0


def test_options_stand_behind_a_space_or_an_equals_sign() -> None:
    words = ("vllm", "serve", "my/model", "--tensor-parallel-size=8", "--port", "8000", "--last")
    assert option(words, "--tensor-parallel-size") == "8"
    assert option(words, "--port") == "8000"
    assert option(words, "--last") == ""
    assert option(words, "--other") is None


API = Where("Deployment", "-api")
STORED = Where("ExternalSecret", "-api")
REVISED = "letta-large-api-0123456789"


def _take_from(secret: str) -> Edit:
    """Names the secret that all variables come from, as it is once their values exist."""

    def change(variables: list[dict[str, Any]]) -> None:
        for variable in variables:
            if "valueFrom" in variable:
                variable["valueFrom"]["secretKeyRef"]["name"] = secret

    return Edit(API, "spec.template.spec.containers.0.env", change)


@pytest.mark.parametrize(("secret", "rules"), [(REVISED, set()), ("other", {"secrets-from-store"})])
def test_a_secret_that_has_a_name_is_the_one_of_that_name(secret: str, rules: set[str]) -> None:
    named: list[Change] = [_take_from(secret), Put(STORED, "spec.target.name", REVISED)]
    assert set(judged("large", apply(good("large"), named))) == rules


def test_variables_that_are_not_listed_one_by_one_cannot_be_decided_on() -> None:
    whole = Put(API, "spec.template.spec.containers.0.envFrom", [{"secretRef": {"name": "all"}}])
    (message,) = judged("large", whole(good("large")))["server-secured"]
    assert "list them one by one" in message


def test_rights_in_the_cluster_excuse_no_token() -> None:
    with_token: list[Change] = [
        Put(API, "spec.template.spec.automountServiceAccountToken", True),
        Added(
            "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
            "letta-large-api",
            {
                "subjects": [
                    {"kind": "ServiceAccount", "name": "letta-large-api", "namespace": "letta"}
                ],
                "roleRef": {"kind": "Role", "name": "x", "apiGroup": "rbac.authorization.k8s.io"},
            },
        ),
    ]
    broken = judged("large", apply(good("large"), with_token))
    assert set(broken) == {"pod-security", "known-kinds"}


def test_copies_of_a_deployment_that_exists_are_moved_by_its_autoscaler() -> None:
    moved = [Put(API, "spec.replicas", 3), Put(API, "metadata.uid", "0a1b2c3d")]
    assert judged("large", apply(good("large"), moved)) == {}


@pytest.mark.parametrize(
    "spare",
    [
        Put(
            Where("Service", "-api"),
            "capacityProviderStrategies",
            [{"capacityProvider": "FARGATE_SPOT", "weight": 1}],
            wired=True,
        ),
        Put(
            Where("Group", "-medium-api"),
            "mixedInstancesPolicy",
            {"instancesDistribution": {"onDemandPercentageAboveBaseCapacity": 0}},
        ),
    ],
    ids=["no machines", "machines"],
)
def test_spare_capacity_outside_of_a_cluster_is_for_workers_too(spare: Put) -> None:
    assert judged("medium", spare(good("medium")))["spot-for-workers-only"] == [
        "letta-medium-api: runs on capacity that is taken back at short notice, only workers may; "
        "run it on demand"
    ]


def test_all_that_is_wrong_with_an_object_is_said() -> None:
    wrong = [
        Put(API, "spec.strategy", {"kind": "x", "rollingUpdate": {"maxSurge": True}}),
        Put(API, "spec.selector", None),
    ]
    messages = judged("large", apply(good("large"), wrong))["kubernetes-schema"]
    assert len(messages) == 3
    assert not any("True" in message for message in messages), "values are not printed"


def test_what_engine_and_provider_add_to_an_object_is_not_held_against_it() -> None:
    made = [
        Put(API, "id", "letta/letta-large-api"),
        Put(API, "__fieldManager", "pulumi-kubernetes-0a1b"),
        Put(API, "metadata.uid", "0a1b2c3d"),
        Put(API, "status", {"readyReplicas": 8}),
    ]
    assert judged("large", apply(good("large"), made)) == {}
