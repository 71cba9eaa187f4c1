"""Settings: what a stack file may say, and how it is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from components.args import NodesArgs
from infra import checkout, platforms
from infra.settings import KEYS, ROLES, SettingsError, load
from infra.tiers import EMBEDDING_HANDLE, TIERS
from tests.infra.loading import loaded, refused, values
from tests.infra.stack_files import BAD, GATED, GOOD, LARGE, Bad

ROOT = Path(__file__).parents[2]


def test_a_good_file_gives_its_tiers_sizes_with_the_clouds_names() -> None:
    settings = loaded(GOOD)
    assert settings.api.instance_type == "m5.large"
    assert settings.worker.instance_type == "t3.medium"
    assert settings.database.instance_type == "db.r5.large"
    assert settings.cache.instance_type == "cache.t4g.medium"
    assert settings.budget_usd == 2500
    assert settings.api.max_replicas == TIERS["medium"].api.max_replicas


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_a_bad_file_is_refused_with_words_that_help(bad: Bad) -> None:
    report = refused({**GOOD, **bad.change})
    for word in bad.words:
        assert word in report


def test_all_problems_of_a_file_stand_in_one_report() -> None:
    report = refused(
        {
            **GOOD,
            "regoin": "x",
            "budget": "-3",
            "api": {"max_replicas": "ten", "cpu_target": 65},
            "database": {"storage_gib": 1},
        }
    )
    assert "5 problems" in report
    for word in ("letta:regoin", "letta:budget", "letta:api.max_replicas", "letta:api.cpu_target"):
        assert word in report
    assert "letta:database.storage_gib" in report


def test_a_key_never_stands_in_a_report() -> None:
    report = refused(
        {**GOOD, "llm": {"providers": {"openai": {"api_key": ["sk-do-not-show"], "baseurl": 1}}}}
    )
    assert "sk-do-not-show" not in report
    assert "letta:llm.providers.openai.api_key" in report


def test_an_encrypted_key_is_accepted_and_hidden_from_print() -> None:
    stack_file = {**GOOD, "llm": {"providers": {"openai": {"api_key": "sk-secret"}}}}
    settings = loaded(stack_file, secret_keys=("llm",))
    assert "sk-secret" not in repr(settings)


def test_a_plain_key_beside_an_encrypted_one_is_found() -> None:
    providers = {"openai": {"api_key": "sk-kept"}, "groq": {"api_key": "gsk-plain"}}
    written = {"openai": {"api_key": {"secure": "v1:x"}}, "groq": {"api_key": "gsk-plain"}}
    with pytest.raises(SettingsError) as caught:
        load(
            values({**GOOD, "llm": {"providers": providers}}),
            secret_keys=("llm",),
            written={"llm": {"providers": written}},
            clouds=platforms.CLOUDS,
            catalog=platforms.catalog,
        )
    assert len(caught.value.problems) == 1
    assert "letta:llm.providers.groq.api_key: stands in the file" in str(caught.value)
    assert "gsk-plain" not in str(caught.value)


def test_a_list_with_the_same_entry_twice_is_refused() -> None:
    cidrs = ["0.0.0.0/0", "10.0.0.0/8", "0.0.0.0/0"]
    report = refused({**GOOD, "ingress": {**GOOD["ingress"], "allowed_cidrs": cidrs}})
    assert "0.0.0.0/0 stands in the list more than once" in report


def test_a_list_of_one_wrong_entry_is_not_also_called_too_short() -> None:
    report = refused({**GOOD, "ingress": {**GOOD["ingress"], "allowed_cidrs": ["203.0.113.7/24"]}})
    assert "letta:ingress.allowed_cidrs.0: '203.0.113.7/24'" in report
    assert "at least 1 item" not in report
    none = refused({**GOOD, "ingress": {**GOOD["ingress"], "allowed_cidrs": []}})
    assert "letta:ingress.allowed_cidrs: " in none
    assert "at least 1 item" in none


def test_nesting_without_end_is_refused() -> None:
    deep = '{"a":' * 100_000 + "1" + "}" * 100_000
    assert "letta:api: must hold keys and values" in refused({**GOOD, "api": deep})


def test_a_machine_name_sets_the_sizes_it_stands_for() -> None:
    settings = loaded({**GOOD, "api": {"instance_type": "m5.xlarge"}})
    assert (settings.api.vcpus, settings.api.memory_gib) == (4, 16)


def test_a_machine_name_and_a_size_at_once_are_refused() -> None:
    report = refused({**GOOD, "database": {"instance_type": "db.r5.large", "vcpus": 2}})
    assert "already says vcpus" in report


def test_on_fargate_a_copy_has_the_machines_size() -> None:
    api = loaded({**GOOD, "api": {"compute": "fargate"}}).api
    assert (api.instance_type, api.copy_vcpus, api.copy_memory_mib) == (None, 2, 8192)


def test_one_word_for_a_role_is_its_main_choice() -> None:
    assert loaded({**GOOD, "api": "fargate"}).api.compute == "serverless"
    settings = loaded({**GOOD, **LARGE, "llm": "ollama", "embedding": "cpu"})
    assert (settings.llm.hosting, settings.embedding.hosting) == ("ollama", "cpu")


def test_large_runs_as_many_nodes_as_copies_until_told_otherwise() -> None:
    nodes = loaded({**GOOD, **LARGE}).api.nodes
    assert nodes == NodesArgs(initial=8, minimum=2, maximum=10)
    told = loaded({**GOOD, **LARGE, "api": {"nodes": {"initial": 4, "minimum": 3, "maximum": 5}}})
    assert told.api.nodes == NodesArgs(initial=4, minimum=3, maximum=5)


def test_a_single_value_within_a_nested_group_is_overridden_alone() -> None:
    llm = {"hosting": "vllm", "vllm": {"context_tokens": 16_384}}
    settings = loaded({**GOOD, **LARGE, "llm": llm})
    assert settings.llm.vllm.context_tokens == 16_384
    assert settings.llm.vllm.concurrency == TIERS["large"].llm.vllm.concurrency


def test_medium_may_run_on_kubernetes_too() -> None:
    settings = loaded(
        {**GOOD, "ingress": LARGE["ingress"], "api": "kubernetes", "worker": "kubernetes"}
    )
    assert settings.api.nodes == NodesArgs(initial=3, minimum=2, maximum=10)


def test_a_model_of_ones_own_becomes_the_default_of_agents() -> None:
    settings = loaded({**GOOD, **LARGE, "llm": "vllm"})
    assert settings.llm.model == "vllm/RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic"
    assert settings.llm.vllm.instance_type == "p4d.24xlarge"
    assert settings.features == {"gpu", "queue_scaling"}
    assert loaded({**GOOD, **LARGE}).llm.model == TIERS["large"].llm.model


def test_a_fixed_number_of_copies_needs_no_autoscaler() -> None:
    llm = {"hosting": "vllm", "vllm": {"min_replicas": 2, "max_replicas": 2}}
    assert loaded({**GOOD, **LARGE, "llm": llm}).features == {"gpu"}


def test_a_model_past_one_machine_asks_for_several() -> None:
    vllm = {"model": "mixtral-8x22b", "instance_type": "p4d.24xlarge"}
    settings = loaded({**GOOD, **LARGE, "llm": {"hosting": "vllm", "vllm": vllm}})
    assert "multi_node" in settings.features


def test_a_gated_model_is_served_with_a_token() -> None:
    vllm = {"model": "llama-3.3-70b", **GATED}
    settings = loaded({**GOOD, **LARGE, "llm": {"hosting": "vllm", "vllm": vllm}})
    assert settings.llm.model == "vllm/meta-llama/Llama-3.3-70B-Instruct"


def test_embeddings_of_ones_own_come_with_model_and_machine() -> None:
    large = loaded({**GOOD, **LARGE}).embedding
    assert (large.model, large.instance_type) == ("bge-large-en-v1.5", "g4dn.xlarge")
    on_cpu = loaded({**GOOD, **LARGE, "embedding": "cpu"}).embedding
    assert (on_cpu.model, on_cpu.instance_type) == ("all-MiniLM-L6-v2", "c5.2xlarge")
    outside = loaded({**GOOD, **LARGE, "embedding": "api"}).embedding
    assert (outside.model, outside.instance_type) == (EMBEDDING_HANDLE, None)


@pytest.mark.parametrize("stack", checkout.names())
def test_the_committed_stack_files_load(stack: str) -> None:
    path = checkout.file(stack)
    config = yaml.safe_load(path.read_text(encoding="utf-8"))["config"]
    stack_file = {
        key.removeprefix("letta:"): json.loads(json.dumps(value, default=str))
        if isinstance(value, dict | list)
        else str(value)
        for key, value in config.items()
    }
    settings = loaded(stack_file)
    assert settings.tier == path.stem.removeprefix("Pulumi.")
    assert settings.workload == TIERS[settings.tier].workload


def test_every_role_of_a_tier_can_be_overridden() -> None:
    assert set(ROLES) <= set(KEYS)
    for tier in TIERS.values():
        assert all(hasattr(tier, role) for role in ROLES)


@given(
    st.dictionaries(
        st.sampled_from([*KEYS, "other"]),
        st.one_of(
            st.text(),
            st.integers(),
            st.booleans(),
            st.floats(allow_nan=False),
            st.lists(st.integers(), max_size=2),
            st.dictionaries(st.text(max_size=8), st.integers(), max_size=2),
        ),
    )
)
def test_whatever_stands_in_a_file_the_only_error_is_a_report(stack_file: dict[str, Any]) -> None:
    try:
        loaded(stack_file)
    except SettingsError as error:
        assert error.problems
