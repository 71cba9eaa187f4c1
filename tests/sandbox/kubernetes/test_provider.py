"""The provider of a cluster: its kubeconfig, and a cluster that is not there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox import admin
from sandbox.kubernetes.kubeconfig import moved_cluster
from sandbox.values import UNKNOWN
from tests.sandbox.engine import Engine, Refused
from tests.sandbox.kubernetes.estate import AUTHORITY, GOOD, Estate, kubeconfig, put

OTHER = "https://ffff.gr7.us-east-1.eks.amazonaws.com"
NAMESPACE = "kubernetes:core/v1:Namespace"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "kubeconfig: there is none"),
        ({"kubeconfig": "/home/me/.kube/config"}, "it is the path of a file or no configuration"),
        ({"kubeconfig": "{"}, "it is neither JSON nor YAML"),
        ({"kubeconfig": kubeconfig("http://x")}, "the server of its cluster 'large'"),
        ({"kubeconfig": kubeconfig(username="me")}, "its user has no credentials"),
        ({"kubeconfig": kubeconfig(exec={"command": "aws"})}, "credential plugin is None"),
        ({"kubeconfig": kubeconfig(), "context": "other"}, "its context 'other' is none"),
        ({"kubeconfig": kubeconfig(), "cluster": "other"}, "its cluster 'other' is none"),
        (
            {"kubeconfig": kubeconfig(), "renderYamlToDirectory": "out"},
            "renderYamlToDirectory: the sandbox does not simulate it",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_unusable_provider_is_refused(
    arguments: dict[str, str], words: str, connect: Callable[..., Engine]
) -> None:
    with pytest.raises(Refused, match=words):
        connect("kubernetes", **arguments)


def test_a_token_is_taken_for_credentials(cluster: str, connect: Callable[..., Engine]) -> None:
    engine = connect("kubernetes", kubeconfig=kubeconfig(token="abc"))
    assert engine.create(NAMESPACE, "ns", GOOD["Namespace"].inputs).id == "letta"


def test_a_kubeconfig_may_be_yaml(cluster: str, connect: Callable[..., Engine]) -> None:
    text = f"""
current-context: a
contexts: [{{name: a, context: {{cluster: b, user: c, namespace: kube-system}}}}]
clusters: [{{name: b, cluster: {{server: {cluster!r}, certificate-authority-data: {AUTHORITY}}}}}]
users: [{{name: c, user: {{token: t}}}}]
"""
    engine = connect("kubernetes", kubeconfig=text)
    made = engine.create("kubernetes:core/v1:ConfigMap", "map", {})
    assert made.id.startswith("kube-system/map-")


def test_a_cluster_that_is_not_there_is_unreachable(
    cluster: str, connect: Callable[..., Engine]
) -> None:
    engine = connect("kubernetes", kubeconfig=kubeconfig(OTHER))
    assert engine.preview(NAMESPACE, "ns", GOOD["Namespace"].inputs)["metadata"]["name"] == "letta"
    with pytest.raises(Refused, match=f"unreachable: no cluster has the endpoint {OTHER}"):
        engine.create(NAMESPACE, "ns", GOOD["Namespace"].inputs)


def test_a_wrong_certificate_authority_is_refused(
    cluster: str, connect: Callable[..., Engine]
) -> None:
    engine = connect("kubernetes", kubeconfig=kubeconfig(authority="V1JPTkc="))
    with pytest.raises(Refused, match="certificate signed by unknown authority"):
        engine.create(NAMESPACE, "ns", GOOD["Namespace"].inputs)


def test_objects_of_two_clusters_do_not_see_each_other(
    estate: Estate, state: Path, connect: Callable[..., Engine]
) -> None:
    estate.make("ConfigMap")
    put(state, "aws:eks/cluster:Cluster", "second", {"name": "second", "endpoint": OTHER})
    engine = connect("kubernetes", kubeconfig=kubeconfig(OTHER))
    with pytest.raises(Refused, match='namespaces "letta" not found'):
        engine.create("kubernetes:core/v1:ConfigMap", "map", GOOD["ConfigMap"].inputs)


def test_objects_outlive_their_cluster_as_leftovers_and_cannot_be_deleted_any_more(
    estate: Estate, state: Path, connect: Callable[..., Engine]
) -> None:
    made = estate.make("Namespace")
    admin.remove(state, "large")
    assert admin.status(state)["by_type"][NAMESPACE] == 1
    with pytest.raises(Refused, match="Objects must go before their cluster"):
        estate.engine.delete(made)
    connect("kubernetes", kubeconfig=kubeconfig(), deleteUnreachable=True).delete(made)
    assert NAMESPACE not in admin.status(state)["by_type"]


def test_the_same_object_twice_is_refused(estate: Estate) -> None:
    estate.make("ConfigMap")
    with pytest.raises(Refused, match=r"AlreadyExists: .* letta/configmap: import it"):
        estate.create("core/v1:ConfigMap", GOOD["ConfigMap"].inputs)


@pytest.mark.parametrize(
    ("old", "new", "replaced"),
    [
        ({"kubeconfig": kubeconfig()}, {"kubeconfig": kubeconfig(token="t")}, []),
        ({"kubeconfig": kubeconfig()}, {"kubeconfig": kubeconfig(OTHER)}, ["kubeconfig"]),
        ({"kubeconfig": kubeconfig()}, {"kubeconfig": UNKNOWN}, []),
        ({"clusterIdentifier": "a"}, {"clusterIdentifier": "b"}, ["clusterIdentifier"]),
        (
            {"clusterIdentifier": "a", "kubeconfig": kubeconfig()},
            {"clusterIdentifier": "a", "kubeconfig": kubeconfig(OTHER)},
            [],
        ),
    ],
)
def test_another_cluster_is_other_objects(
    old: dict[str, str], new: dict[str, str], replaced: list[str]
) -> None:
    assert moved_cluster(old, new) == replaced


def test_kinds_that_do_not_exist_are_refused(kubernetes: Engine) -> None:
    for token in ("apps/v1:Deploymnt", "apps/v1:DeploymentPatch", "unknown.example.com/v1:Thing"):
        with pytest.raises(Refused, match="has no kind"):
            kubernetes.check(f"kubernetes:{token}", "x", {})
    with pytest.raises(Refused, match="the sandbox has no table for the type"):
        kubernetes.check("kubernetes:helm.sh/v4:Chart", "x", {})
