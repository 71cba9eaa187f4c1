"""The contract of clouds: one table, one vocabulary each, and no SDK but one's own."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from infra import checkout, platforms
from infra.tiers import TIERS, tier_on
from tests.infra.loading import loaded, refused
from tests.infra.stack_files import GOOD, LARGE

ROOT = Path(__file__).parents[2]
OTHER = platforms.CLOUDS[1]
_TENANTS = "stacks/kubernetes"
TENANT: dict[str, Any] = {
    "tier": "medium",
    "cloud": "kubernetes",
    "region": "letta-cluster",
    "ingress": {"domain": "letta.example.com"},
    "kubernetes": {
        "gateway": {"gateway_class": "envoy", "namespace": "gateways", "cluster_issuer": "acme"},
        "storage_class": "fast-ssd",
        "object_storage": {
            "endpoint": "https://s3.example.com",
            "bucket": "backups",
            "access_key_id": "storage/id",
            "secret_access_key": "storage/key",
        },
        "prices": {"vcpu_hour": 0.03, "memory_gib_hour": 0.004, "volume_gib_month": 0.1},
    },
}


@pytest.mark.parametrize("cloud", platforms.CLOUDS)
def test_a_cloud_is_whole(cloud: str) -> None:
    assert callable(platforms.module("policies.facts", cloud, "reader").read)
    assert callable(platforms.module("pricing.plans", cloud).inventory)
    assert callable(platforms.module("pricing.tariffs", cloud).charges)
    assert platforms.catalog(cloud).computes
    assert {checkout.name_on(tier, cloud) for tier in ("small", "medium")} <= {*checkout.names()}


CATALOGUED = """
import sys
from pathlib import Path
from pricing import stack
stack.load_stack(Path(sys.argv[1]))
print(*{name.partition(".")[0] for name in sys.modules if name.startswith("pulumi")})
"""
BUILT = """
import sys
from infra import checkout
from infra.tiers import TIERS
from tests.contract.built import built
for tier in TIERS:
    if checkout.file(checkout.name_on(tier, sys.argv[1])).is_file():
        built(sys.argv[1], tier)
print(*{name.partition(".")[0] for name in sys.modules if name.startswith("pulumi_")})
"""


def _in_a_fresh_process(program: str, *arguments: str | Path) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return {*done.stdout.split()}


def _sdks(cloud: str) -> set[str]:
    """What its extra of the distribution brings, as Python names it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"][cloud]]
    return {re.split(r"[^a-z-]", one)[0].replace("-", "_") for one in wanted}


@pytest.mark.parametrize("cloud", platforms.CLOUDS)
def test_settings_and_bill_of_a_cloud_import_no_sdk(cloud: str) -> None:
    file = checkout.file(checkout.name_on("medium", cloud))
    assert _in_a_fresh_process(CATALOGUED, file) == set()


@pytest.mark.parametrize("cloud", platforms.CLOUDS)
def test_a_program_imports_the_sdks_of_its_own_cloud_alone(cloud: str) -> None:
    """Every tier of it, to the end."""
    imported = _in_a_fresh_process(BUILT, cloud)
    assert imported
    assert imported <= _sdks(cloud)


def test_an_sdk_that_is_not_there_is_named_with_the_way_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in [name for name in sys.modules if name.startswith("components.kubernetes.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pulumi_kubernetes", None)
    with pytest.raises(platforms.SdkMissing, match=r"pip install 'letta-cloud\[kubernetes\]'"):
        platforms.platform("kubernetes")


def test_the_first_cloud_is_meant_where_none_is_named() -> None:
    assert loaded({**GOOD, "cloud": None}).cloud == platforms.DEFAULT


def test_a_word_that_a_cloud_does_not_have_is_refused_with_those_that_it_has() -> None:
    report = refused({**TENANT, "api": {"compute": "fargate"}})
    assert "letta:api.compute: 'fargate' does not exist on this cloud; one of kubernetes" in report
    assert "letta:api: must hold keys and values" in refused({**TENANT, "api": "instances"})


def test_a_cloud_s_tiers_differ_where_it_says_so_and_nowhere_else() -> None:
    own = tier_on("small", platforms.catalog("kubernetes"))
    assert (own.api.compute, own.cache.kind) == ("kubernetes", "managed")
    assert own.workload == TIERS["small"].workload
    assert own.database.storage_gib == TIERS["small"].database.storage_gib
    assert tier_on("small", platforms.catalog("aws")) == TIERS["small"]


def test_a_stack_file_stands_over_the_cloud_s_tier() -> None:
    assert loaded({**TENANT, "database": {"vcpus": 4}}).database.vcpus == 4


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ingress": {**TENANT["ingress"], "vpc_cidr": "10.1.0.0/16"}}, "letta:ingress.vpc_cidr"),
        ({"ingress": {**TENANT["ingress"], "hosted_zone": "example.com"}}, "point a record"),
        ({"api": {"instance_type": "m5.large"}}, "has no machine types; give vcpus"),
        ({"cache": {"nodes": 2}}, "letta:cache.nodes: 2: the server's client knows one address"),
        ({"savings": {"spot_workers": True}}, "letta:savings.spot_workers: the cluster's machines"),
        ({"api": {"memory_gib": 8}}, "give request_memory_mib and task_memory_mib"),
        ({"queue": {"enabled": True}}, "letta:queue.enabled: no queue is made"),
        ({"llm": "vllm"}, "letta:llm.providers.vllm.base_url"),
        ({"embedding": "gpu"}, "letta:embedding.hosting: gpu"),
        ({"kubernetes": {}}, "letta:kubernetes.gateway: field required"),
        ({"kubernetes": None}, "letta:kubernetes: required on kubernetes; give "),
        ({OTHER: {"project": "x"}}, f"letta:{OTHER}: the stack is on kubernetes"),
        (
            {"kubernetes": {**TENANT["kubernetes"], "storage_clas": "x"}},
            "letta:kubernetes.storage_clas: unknown key; did you mean storage_class?",
        ),
        (
            {"llm": {"providers": {"openai": {"api_key_secret": "sk-looks-like-a-key"}}}},
            "no name of a secret; write it as provider-keys/openai",
        ),
    ],
    ids=lambda value: "" if isinstance(value, dict) else value,
)
def test_a_pair_that_does_not_exist_is_refused_with_the_way_out(
    change: dict[str, Any], words: str
) -> None:
    assert words in refused({**TENANT, **change})


def test_what_looks_like_a_key_in_a_secret_s_place_is_not_shown() -> None:
    llm = {"providers": {"openai": {"api_key_secret": "sk-looks-like-a-key"}}}
    assert "sk-looks" not in refused({**TENANT, "llm": llm})


def test_names_are_held_to_the_cloud_s_own_form() -> None:
    llm = {"providers": {"openai": {"api_key_secret": "provider-keys/openai"}}}
    assert "arn:aws:secretsmanager" in refused({**GOOD, "llm": llm})
    assert loaded({**TENANT, "llm": llm}).llm.providers["openai"].api_key_secret
    control = {**LARGE["ingress"]["control_plane"], "admins": ["serviceAccount:me"]}
    ingress = {**LARGE["ingress"], "control_plane": control}
    assert "is no name of a principal" in refused({**GOOD, **LARGE, "ingress": ingress})


def test_an_unknown_cloud_has_no_package() -> None:
    with pytest.raises(ValueError, match="there is no cloud 'nimbus'; the clouds are: aws"):
        platforms.module("pricing.plans", "nimbus")


@pytest.mark.parametrize(
    ("stack", "cloud", "name", "file"),
    [
        ("medium", "aws", "medium", "Pulumi.medium.yaml"),
        ("medium", "kubernetes", "medium-kubernetes", f"{_TENANTS}/Pulumi.medium.yaml"),
        (
            "large-kubernetes",
            "kubernetes",
            "large-kubernetes",
            "stacks/kubernetes/Pulumi.large.yaml",
        ),
        ("production", "aws", "production", "Pulumi.production.yaml"),
    ],
)
def test_a_stack_s_name_leads_to_its_file(stack: str, cloud: str, name: str, file: str) -> None:
    assert checkout.name_on(stack, cloud) == name
    assert checkout.file(name) == ROOT / file


@pytest.mark.parametrize("name", checkout.names())
def test_a_file_leads_back_to_its_stack(name: str) -> None:
    assert checkout.of_file(checkout.file(name)) == name
