"""What a stack puts into somebody's cluster, tier by tier."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from components.kubernetes.sizes import instances, max_connections
from components.letta.environment import WORKER_PATHS
from infra.tiers import TIERS
from policies.facts.resource import UNDETERMINED, Resource, Secret
from sandbox.kubernetes import schemas
from tests.policies import assembly


def objects(tier: str, **overrides: Any) -> list[Resource]:  # noqa: ANN401  (values of a file)
    """The objects of a tier."""
    made = assembly.resources(tier, overrides, "kubernetes")
    return [one for one in made if one.type.startswith("kubernetes:")]


def one(tier: str, kind: str, end: str, **overrides: Any) -> dict[str, Any]:  # noqa: ANN401
    """The properties of the one object of a kind whose name ends so."""
    (found,) = [
        each
        for each in objects(tier, **overrides)
        if each.type.endswith(f":{kind}") and each.name.endswith(end)
    ]
    return dict(found.properties)


def inside(tier: str, namespace: str | None) -> dict[str, Any]:
    """What the stack file says of the cluster, with a namespace of its own choice."""
    given: dict[str, Any] = json.loads(assembly.stack_file(tier, {}, "kubernetes")["kubernetes"])
    return {**given, **({"namespace": namespace} if namespace else {})}


def identity(each: Resource) -> tuple[str, str, str]:
    """By what a cluster tells an object from others. The provider makes the name of a Secret up,
    which is no other object's."""
    metadata = each.properties["metadata"]
    return each.type, metadata.get("namespace", ""), metadata.get("name", each.urn)


def folders(made: list[Resource]) -> list[str]:
    """Folders of object storage that objects write into."""
    text = json.dumps([plain(dict(each.properties)) for each in made])
    return re.findall(r"s3://[^/]+/([a-z0-9/-]+)", text)


def plain(value: Any) -> Any:  # noqa: ANN401  (any JSON)
    """The value as the API server gets it, with a word in the place of what is not known yet."""
    if isinstance(value, Secret):
        return plain(value.value)
    if value is UNDETERMINED:
        return "unknown"
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("tier", TIERS)
def test_every_object_fits_the_schema_of_its_kind(tier: str) -> None:
    for each in objects(tier):
        given = plain(dict(each.properties))
        schema = schemas.of_kind(given["apiVersion"], given["kind"])
        assert schema is not None, each.type
        if isinstance(given.get("stringData"), str):
            del given["stringData"]
        for validator in schema.validators.values():
            assert [error.message for error in validator.iter_errors(given)] == [], each.name


@pytest.mark.parametrize("chosen", [None, "team-a"])
@pytest.mark.parametrize("tier", TIERS)
def test_every_object_is_in_the_stacks_namespace_with_the_labels_of_the_package(
    tier: str, chosen: str | None
) -> None:
    found = objects(tier, embedding="cpu", kubernetes=inside(tier, chosen))
    assert {each.type.rpartition(":")[2] for each in found} >= {"Deployment", "CronJob", "Job"}
    for each in found:
        metadata = each.properties["metadata"]
        assert metadata["labels"]["app.kubernetes.io/managed-by"] == "pulumi"
        if not each.type.endswith(":Namespace"):
            assert metadata["namespace"] == (chosen or f"letta-{tier}")


def test_nothing_of_one_stack_has_the_name_or_the_folder_of_anothers() -> None:
    first, second = (
        objects("medium", kubernetes=inside("medium", namespace)) for namespace in ("one", "two")
    )
    assert not {*map(identity, first)} & {*map(identity, second)}
    assert not {*folders(first)} & {*folders(second)}
    assert len({*folders(first)}) == 2


@pytest.mark.parametrize("chosen", [None, "team-a"])
def test_no_text_names_another_namespace(chosen: str | None) -> None:
    text = json.dumps(
        [
            plain(dict(each.properties))
            for each in objects("medium", embedding="cpu", kubernetes=inside("medium", chosen))
        ]
    )
    named = {*re.findall(r"[a-z0-9-]+\.([a-z0-9-]+)\.svc\b", text)}
    assert named == {chosen or "letta-medium"}


@pytest.mark.parametrize("tier", TIERS)
def test_secrets_never_change(tier: str) -> None:
    secrets = [each for each in objects(tier) if each.type.endswith(":Secret")]
    assert secrets
    for each in secrets:
        assert each.properties["immutable"] is True
        # The provider's name: a new value is another object.
        assert "name" not in each.properties["metadata"]


def test_the_database_has_a_server_for_each_purpose() -> None:
    assert one("small", "Cluster", "-db")["spec"]["instances"] == 1
    assert one("medium", "Cluster", "-db")["spec"]["instances"] == 3
    assert one("large", "Cluster", "-db")["spec"]["instances"] == 4
    assert instances(high_availability=True, read_replicas=0) == 2


@pytest.mark.parametrize(("tier", "kept"), [("small", False), ("medium", True), ("large", True)])
def test_a_node_with_a_lone_database_can_be_drained(tier: str, kept: bool) -> None:
    assert one(tier, "Cluster", "-db")["spec"]["enablePDB"] is kept


def test_a_version_of_postgresql_is_an_image_of_that_version() -> None:
    for version in ("16", "17"):
        spec = one("medium", "Cluster", "-db", database={"engine_version": version})["spec"]
        assert f":{version}." in spec["imageName"]
        assert "-standard-" in spec["imageName"]


def test_a_standby_is_written_to_before_a_commit_ends() -> None:
    spec = one("medium", "Cluster", "-db")["spec"]
    assert spec["postgresql"]["synchronous"]["number"] == 1
    assert "synchronous" not in one("small", "Cluster", "-db")["spec"]["postgresql"]


def test_the_log_is_archived_where_the_stack_file_says_for_as_long_as_it_says() -> None:
    store = one("medium", "ObjectStore", "-archive", database={"backup_retention_days": 21})
    assert store["spec"]["retentionPolicy"] == "21d"
    configuration = store["spec"]["configuration"]
    assert configuration["destinationPath"].startswith("s3://letta-backups/")
    assert configuration["s3Credentials"]["accessKeyId"] == {
        "name": "object-storage",
        "key": "access-key-id",
    }
    plugin = one("medium", "Cluster", "-db")["spec"]["plugins"][0]
    assert plugin["parameters"]["barmanObjectName"] == store["metadata"]["name"]


def test_the_database_accepts_more_connections_the_more_memory_it_has_up_to_a_bound() -> None:
    assert (max_connections(2), max_connections(16), max_connections(128)) == (224, 1792, 5000)


def test_a_database_that_is_made_again_archives_where_none_has_archived() -> None:
    cluster = one("medium", "Cluster", "-db")
    server = plain(cluster["spec"]["plugins"][0]["parameters"]["serverName"])
    # Digits of this very database, which only its state knows, and not its name alone.
    assert server != cluster["metadata"]["name"]


def test_older_object_storage_takes_backups_as_it_takes_dumps() -> None:
    sidecar = one("medium", "ObjectStore", "-archive")["spec"]["instanceSidecarConfiguration"]
    job = one("medium", "CronJob", "-dump")["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert sidecar["env"]
    assert all(variable in job["containers"][0]["env"] for variable in sidecar["env"])


@pytest.mark.parametrize(
    ("endpoint", "peer", "ports"),
    [
        ("https://s3.example.com:8443/path", "ipBlock", [8443]),
        ("http://10.1.2.3", "ipBlock", [80]),
        # The service's port need not be that of its pods.
        ("http://minio.storage.svc", "namespaceSelector", [None]),
    ],
)
def test_the_database_may_call_the_cluster_and_object_storage_wherever_it_is(
    endpoint: str, peer: str, ports: list[int | None]
) -> None:
    values = json.loads(assembly.stack_file("medium", {}, "kubernetes")["kubernetes"])
    values["object_storage"]["endpoint"] = endpoint
    policy = one("medium", "NetworkPolicy", "-db", kubernetes=values)["spec"]
    _, api, storage = policy["egress"]
    assert [port["port"] for port in api["ports"]] == [443, 6443]
    assert [peer in each for each in storage["to"]] == [True]
    assert [port.get("port") for port in storage["ports"]] == ports


def test_the_worker_s_paths_go_to_it_and_all_others_to_the_api() -> None:
    worker, api = (one("medium", "HTTPRoute", end)["spec"] for end in ("-work", "-api"))
    patterns = [match["path"]["value"] for match in worker["rules"][0]["matches"]]
    for path in WORKER_PATHS:
        called = path.replace("*", "agent-1")
        assert any(re.fullmatch(pattern, called) for pattern in patterns)
    assert not any(re.fullmatch(pattern, "/v1/agents/agent-1/messages") for pattern in patterns)
    assert api["rules"][0]["matches"] == [{"path": {"type": "PathPrefix", "value": "/"}}]


def test_a_route_bears_the_longest_request_that_the_stack_file_allows() -> None:
    spec = one("small", "HTTPRoute", "-api", ingress={"idle_timeout_seconds": 1200})["spec"]
    assert spec["rules"][0]["timeouts"] == {"request": "1200s", "backendRequest": "1200s"}


def test_a_certificate_comes_from_an_issuer_or_is_the_user_s() -> None:
    gateway = one("small", "Gateway", "-in")
    annotations = gateway["metadata"]["annotations"]
    assert annotations["cert-manager.io/cluster-issuer"] == "letsencrypt"
    own = {"gateway_class": "envoy", "namespace": "gateways", "certificate_secret": "mine"}
    values = assembly.stack_file("small", {}, "kubernetes")
    options = {**json.loads(values["kubernetes"]), "gateway": own}
    gateway = one("small", "Gateway", "-in", kubernetes=options)
    assert "cert-manager.io/cluster-issuer" not in gateway["metadata"]["annotations"]
    listener = gateway["spec"]["listeners"][0]
    assert listener["tls"]["certificateRefs"] == [{"kind": "Secret", "name": "mine"}]


def test_only_pods_of_the_gateway_s_namespace_may_call_servers() -> None:
    policy = one("medium", "NetworkPolicy", "-api-gateway")["spec"]
    (caller,) = policy["ingress"][0]["from"]
    assert caller["namespaceSelector"]["matchLabels"] == {
        "kubernetes.io/metadata.name": "envoy-gateway-system"
    }


def test_who_proves_the_domain_to_an_issuer_may_be_called_by_the_gateway() -> None:
    policy = one("medium", "NetworkPolicy", "-in-proof")["spec"]
    assert policy["podSelector"]["matchLabels"] == {"acme.cert-manager.io/http01-solver": "true"}
    (rule,) = policy["ingress"]
    assert [port["port"] for port in rule["ports"]] == [8089]
    (caller,) = rule["from"]
    assert caller["namespaceSelector"]["matchLabels"] == {
        "kubernetes.io/metadata.name": "envoy-gateway-system"
    }


def test_servers_call_stores_and_the_internet_and_no_private_address() -> None:
    policy = one("medium", "NetworkPolicy", "-api")["spec"]
    (block,) = [
        peer["ipBlock"] for rule in policy["egress"] for peer in rule["to"] if "ipBlock" in peer
    ]
    assert block["except"] == ["169.254.0.0/16", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]
    # A rule without peers would be one for everybody.
    assert all(rule["to"] for rule in policy["egress"])


def test_the_cache_is_one_pod_that_keeps_nothing() -> None:
    spec = one("medium", "Deployment", "-cache")["spec"]
    assert (spec["replicas"], spec["strategy"]["type"]) == (1, "Recreate")
    assert "volumes" not in spec["template"]["spec"] or not spec["template"]["spec"]["volumes"]
