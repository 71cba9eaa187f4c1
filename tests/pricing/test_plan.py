"""What a stack file alone says that is billed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypeVar

import pytest

from components.letta.providers import PROVIDERS, metered
from pricing import plans, stack
from pricing.inventory import (
    EmbeddingModel,
    Inventory,
    LanguageModel,
    LogGroups,
    Machines,
    Secrets,
    ServerlessCopies,
    Thing,
    Volumes,
)
from pricing.span import Span
from tests.policies import assembly
from tests.pricing.variants import STACKS

ThingT = TypeVar("ThingT", bound=Thing)

ALONE = """
import sys
from pathlib import Path
from pricing import book, stack
for tier in ("small", "medium", "large"):
    stack.bill_of(stack.load_stack(Path(f"Pulumi.{tier}.yaml")), book.load(book.CURRENT))
assert not {"pulumi", "pulumi_aws", "pulumi_kubernetes", "boto3"} & set(sys.modules)
"""


def test_a_bill_needs_no_engine_and_no_sdk() -> None:
    subprocess.run([sys.executable, "-c", ALONE], check=True, cwd=assembly.ROOT)


def test_a_cloud_without_a_plan_is_refused() -> None:
    settings = stack.load(assembly.stack_file("small", {}))
    with pytest.raises(ValueError, match="there is no cloud 'moon'; the clouds are: aws"):
        plans.inventory(replace(settings, cloud="moon"))


def test_autoscalers_move_between_floor_and_ceiling() -> None:
    found = _machines("medium", api={"min_replicas": 3, "replicas": 5, "max_replicas": 7})
    assert found["api"].count == Span.of(3, 5, 7)
    nodes = {"initial": 4, "minimum": 3, "maximum": 12}
    assert _machines("large", api={"nodes": nodes})["api"].count == Span.of(3, 4, 12)


def test_copies_without_machines_have_no_machines() -> None:
    found = _inventory("medium", api={"compute": "fargate"})
    [copies] = _of(found, ServerlessCopies)
    assert (copies.vcpus, copies.memory_gib, copies.count) == (2, 8, Span.of(2, 3, 10))
    assert [machines.component for machines in _of(found, Machines)] == ["worker"]


def test_nights_lower_what_is_expected_and_not_the_floor() -> None:
    night = {"begins": "20:00", "ends": "08:00", "timezone": "UTC"}
    sizes = {"min_replicas": 2, "replicas": 4, "max_replicas": 10}
    found = _machines("medium", api={**sizes, "night": night})
    assert found["api"].count == Span.of(2, 3, 6)


def test_machines_of_models_stay_as_long_as_their_pods() -> None:
    assert _machines("large", llm={"hosting": "ollama"})["llm"].count == Span.fixed(1)
    copies = {"min_replicas": 2, "max_replicas": 5}
    found = _machines("large", llm={"hosting": "vllm", "vllm": copies})
    assert found["llm"].count == Span.of(2, 2, 5)


def test_a_copy_of_a_model_on_several_machines_has_all_of_them_at_every_point() -> None:
    tier, overrides = STACKS["large, a model on several machines, on their own disks"]
    assert _machines(tier, **overrides)["llm"].count == Span.of(3, 3, 6)


def test_embedding_machines_stay_and_one_more_comes_with_an_update() -> None:
    found = _machines("large", embedding={"hosting": "cpu", "replicas": 3})
    assert found["embedding"].count == Span.of(3, 3, 4)


def test_models_on_the_machines_own_disks_need_no_volume() -> None:
    own = {"model": "qwen-2.5-7b", "instance_type": "g6.xlarge", "context_tokens": 16_384}
    one = {**own, "min_replicas": 1, "max_replicas": 1}
    local = _inventory("large", llm={"hosting": "vllm", "vllm": one})
    kept = _inventory("large", llm={"hosting": "vllm", "vllm": {**one, "model_cache": "volume"}})
    assert not list(_of(local, Volumes))
    assert [volumes.type for volumes in _of(kept, Volumes)] == ["gp3"]


def test_the_scaling_of_a_model_server_keeps_its_measures_on_a_volume() -> None:
    scaled = _inventory("large", llm={"hosting": "vllm"})
    assert [volumes.component for volumes in _of(scaled, Volumes)] == ["cluster"]


@pytest.mark.parametrize("hosting", ["vllm", "ollama"])
def test_tokens_of_a_model_of_ones_own_cost_nothing(hosting: str) -> None:
    assert not list(_of(_inventory("large", llm={"hosting": hosting}), LanguageModel))


def test_tokens_of_a_provider_beside_ones_own_model_are_billed() -> None:
    found = _inventory("large", llm={"hosting": "ollama", "model": "openai/gpt-4.1"})
    assert [model.handle for model in _of(found, LanguageModel)] == ["openai/gpt-4.1"]


def test_embeddings_are_billed_by_tokens_or_by_machines() -> None:
    external = _inventory("large", embedding="api")
    assert [model.component for model in _of(external, EmbeddingModel)] == ["embedding"]
    assert not list(_of(_inventory("large"), EmbeddingModel))


def test_only_endpoints_without_keys_have_no_meter() -> None:
    free = {name for name in PROVIDERS if not metered(f"{name}/model")}
    assert free == {"lmstudio", "ollama", "sglang", "vllm"}
    assert not metered("letta/letta-free")
    assert not metered("lmstudio_openai/model")


@pytest.mark.parametrize("handle", ["voyage/unknown-9", "opnai/x", "OPENAI/x", "gpt-4.1"])
def test_a_model_of_a_provider_that_nobody_knows_is_never_free(handle: str) -> None:
    assert metered(handle)


def test_no_handle_is_no_model_to_bill() -> None:
    assert not metered("")


def test_a_secret_is_kept_for_each_key_and_none_for_those_kept_elsewhere() -> None:
    providers = {
        "openai": {"api_key": "test-0123456789abcdef"},
        "bedrock": {"access_key_id": "AKIA0123", "secret_access_key": "0123456789"},
        "groq": {"api_key_secret": "arn:aws:secretsmanager:us-east-1:123456789012:secret:g"},
    }
    [without] = _of(_inventory("medium"), Secrets)
    [having] = _of(_inventory("medium", llm={"providers": providers}), Secrets)
    assert having.count - without.count == 3


def test_the_log_group_of_a_worker_that_is_off_holds_no_lines_of_servers() -> None:
    on, off = ({g.holds: g.count for g in groups} for groups in _log_groups())
    assert off == {**on, "servers": on["servers"] - 1, "other": on["other"] + 1}


def _log_groups() -> Iterator[list[LogGroups]]:
    for enabled in (True, False):
        yield list(_of(_inventory("medium", worker={"enabled": enabled}), LogGroups))


def _inventory(tier: str, **overrides: Any) -> Inventory:  # noqa: ANN401  (keys of a stack file)
    return plans.inventory(stack.load(assembly.stack_file(tier, overrides), secret_keys={"llm"}))


def _machines(tier: str, **overrides: Any) -> dict[str, Machines]:  # noqa: ANN401  (the same)
    found = _of(_inventory(tier, **overrides), Machines)
    return {machines.component: machines for machines in found}


def _of(inventory: Inventory, kind: type[ThingT]) -> Iterator[ThingT]:
    return (thing for thing in inventory.things if isinstance(thing, kind))
