"""A cluster that is nobody's resource: what its owner has installed is there beforehand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sandbox.kubernetes.package import KubernetesPackage
from sandbox.packages import package
from tests.sandbox.engine import Engine, Refused

CONTEXT = "letta-cluster"
DATABASE = {
    "apiVersion": "postgresql.cnpg.io/v1",
    "kind": "Cluster",
    "metadata": {"name": "db", "namespace": "default"},
    "spec": {"instances": 1, "storage": {"size": "1Gi"}},
}
TYPE = "kubernetes:postgresql.cnpg.io/v1:Cluster"


@pytest.fixture
def own(connect: Callable[..., Engine]) -> Engine:
    """An engine configured by a context of the deployer's kubeconfig."""
    return connect("kubernetes", context=CONTEXT)


def test_what_its_owner_installed_is_served(own: Engine) -> None:
    made = own.create(TYPE, "db", DATABASE)
    assert made.id == "default/db"


def test_what_its_owner_did_not_install_is_not(own: Engine) -> None:
    scaled = {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": {"name": "x", "namespace": "default"},
        "spec": {"scaleTargetRef": {"name": "x"}, "triggers": [{"type": "cpu", "metadata": {}}]},
    }
    with pytest.raises(Refused, match='no matches for kind "ScaledObject"'):
        own.create("kubernetes:keda.sh/v1alpha1:ScaledObject", "x", scaled)


def test_a_context_that_is_not_in_the_kubeconfig_is_refused(
    connect: Callable[..., Engine],
) -> None:
    with pytest.raises(Refused, match=r"'other' is none of the contexts.*letta-cluster"):
        connect("kubernetes", context="other")


def test_pods_must_find_room_on_its_nodes(own: Engine) -> None:
    def deployment(cpu: str) -> dict[str, object]:
        container = {
            "name": "a",
            "image": "busybox:1.37",
            "resources": {"requests": {"cpu": cpu, "memory": "1Gi"}},
        }
        return {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": f"of-{cpu}", "namespace": "default"},
            "spec": {
                "selector": {"matchLabels": {"app": cpu}},
                "template": {
                    "metadata": {"labels": {"app": cpu}},
                    "spec": {"containers": [container]},
                },
            },
        }

    own.create("kubernetes:apps/v1:Deployment", "fits", deployment("30"))
    with pytest.raises(Refused, match="6 Insufficient cpu"):
        own.create("kubernetes:apps/v1:Deployment", "large", deployment("40"))


def test_every_definition_of_the_account_has_a_schema() -> None:
    home = package("kubernetes")
    assert isinstance(home, KubernetesPackage)
    kinds = [
        (entry["properties"]["spec"]["group"], entry["properties"]["spec"]["names"]["kind"])
        for entry in home.account["objects"]
        if entry["type"].endswith(":CustomResourceDefinition")
    ]
    assert len(kinds) == 5
    for group, kind in kinds:
        assert home.resource(f"kubernetes:{group}/v1:{kind}")
