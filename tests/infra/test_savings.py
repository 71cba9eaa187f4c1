"""What the switches of `letta:savings` set, and which are refused."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest

from components.args import NightArgs, SavingsArgs
from infra import savings
from infra.settings import Settings
from infra.tiers import TIERS
from pricing import stack_yaml
from tests.infra.loading import loaded, refused
from tests.infra.stack_files import GOOD, LARGE

NIGHT = {"begins": "22:00", "ends": "06:00", "timezone": "Europe/Berlin"}
VLLM = {**LARGE, "embedding": "api", "llm": "vllm"}
SMALL = {
    "tier": "small",
    "workload": {"agents": 100, "messages_per_agent": 500},
}


def switched(switches: dict[str, Any], **changes: Any) -> Settings:  # noqa: ANN401
    """The good stack with some switches."""
    return loaded({**GOOD, **changes, "savings": switches})


def changed(switches: dict[str, Any], **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """Role and field -> value, of what differs from the stack without switches."""
    with_them, without = switched(switches, **changes), switched({}, **changes)
    found: dict[str, Any] = {}
    for role in fields(Settings):
        new, old = getattr(with_them, role.name), getattr(without, role.name)
        if role.name == "savings" or new == old:
            continue
        for field in type(new).model_fields:
            if getattr(new, field) != getattr(old, field):
                found[f"{role.name}.{field}"] = getattr(new, field)
    return found


def test_without_switches_all_of_them_are_off() -> None:
    off = SavingsArgs()
    assert loaded(GOOD).savings == off
    assert not any(getattr(off, name) for name in SavingsArgs.model_fields)


@pytest.mark.parametrize(
    ("switches", "sets"),
    [
        ({"spot_workers": True}, {"worker.capacity": "spot"}),
        ({"reserved_years": 3}, {}),
        (
            {"night": NIGHT},
            {"api.night": NightArgs(**NIGHT), "worker.night": NightArgs(**NIGHT)},
        ),
        (
            {"arm64": True},
            {
                "api.architecture": "arm64",
                "api.instance_type": "m7g.large",
                "worker.architecture": "arm64",
                "worker.instance_type": "t4g.medium",
                "database.architecture": "arm64",
                "database.instance_type": "db.r6g.large",
            },
        ),
        ({"prompt_caching": 0.7}, {"workload.cached_input_share": 0.7}),
        ({"prompt_trimming": 0.25}, {"workload.input_tokens_per_message": 2700}),
        ({"logs_endpoint": True}, {"ingress.logs_endpoint": True}),
        ({"single_nat": True}, {"ingress.nat": "single"}),
    ],
)
def test_a_switch_sets_what_it_says_and_nothing_else(
    switches: dict[str, Any], sets: dict[str, Any]
) -> None:
    assert changed(switches) == sets


def test_quantised_weights_are_another_model_on_other_machines() -> None:
    assert set(changed({"quantised_weights": "awq"}, **VLLM)) == {"llm.vllm", "llm.model"}
    vllm = switched({"quantised_weights": "awq"}, **VLLM).llm.vllm
    assert (vllm.model, vllm.instance_type) == ("llama-3.3-70b-awq", "g6e.12xlarge")


def test_a_switch_goes_with_other_values_of_its_role() -> None:
    changes = {**VLLM, "llm": {"hosting": "vllm", "vllm": {"concurrency": 2}}}
    vllm = switched({"quantised_weights": "awq"}, **changes).llm.vllm
    assert (vllm.model, vllm.concurrency) == ("llama-3.3-70b-awq", 2)


def test_a_value_that_says_the_same_as_a_switch_is_no_contradiction() -> None:
    same = switched({"spot_workers": True, "arm64": True}, worker={"capacity": "spot"})
    assert same.worker.capacity == "spot"
    arm64 = switched({"arm64": True}, api={"instance_type": "m6g.large"})
    assert (arm64.api.instance_type, arm64.worker.instance_type) == ("m6g.large", "t4g.medium")


def test_an_explicit_machine_says_its_architecture_itself() -> None:
    assert loaded({**GOOD, "api": {"instance_type": "m7g.large"}}).api.architecture == "arm64"
    assert loaded({**GOOD, "api": {"instance_type": "m5.large"}}).api.architecture == "x86_64"
    both = {"instance_type": "m7g.large", "architecture": "arm64"}
    assert "already says architecture" in refused({**GOOD, "api": both})


@pytest.mark.parametrize(
    ("switches", "changes", "words"),
    [
        (
            {"spot_workers": True},
            {"worker": {"capacity": "on_demand"}},
            ("savings.spot_workers", "to spot", "letta:worker.capacity", "on_demand"),
        ),
        ({"spot_workers": True}, {"worker": {"enabled": False}}, ("no worker tier",)),
        (
            {"arm64": True},
            {"api": {"instance_type": "m5.large"}},
            ("savings.arm64", "letta:api.instance_type", "m5.large (x86_64)"),
        ),
        (
            {"arm64": True},
            {"database": {"architecture": "x86_64"}},
            ("letta:database.architecture of the file is x86_64",),
        ),
        ({"arm64": True}, {"api": {"vcpus": 3}}, ("letta:api", "no size of 3 vCPU")),
        ({"night": NIGHT}, LARGE, ("the autoscaler of Kubernetes has no timetable",)),
        ({"night": NIGHT}, SMALL, ("no tier scales", "letta:api.max_replicas")),
        (
            {"night": NIGHT},
            {"api": {"night": {**NIGHT, "ends": "07:00"}}},
            ("letta:api.night of the file is", "07:00"),
        ),
        ({"night": {**NIGHT, "ends": "22:00"}}, {}, ("begins and ends at 22:00",)),
        ({"night": {**NIGHT, "begins": "24:00"}}, {}, ("savings.night.begins: '24:00'",)),
        (
            {"night": {**NIGHT, "timezone": "Europe/Bonn"}},
            {},
            ("savings.night.timezone: 'Europe/Bonn'", "Europe/Berlin, or UTC"),
        ),
        ({"night": {"begins": "22:00"}}, {}, ("savings.night.ends", "required")),
        ({"reserved_years": 2}, {}, ("savings.reserved_years: 2", "0, 1 or 3")),
        ({"prompt_caching": 0.5}, {}, ("0.5 is not above 0.5",)),
        ({"prompt_caching": 1.5}, {}, ("savings.prompt_caching: 1.5", "less than 1")),
        (
            {"prompt_caching": 0.9},
            {"workload": {**GOOD["workload"], "cached_input_share": 0.2}},
            ("to 0.9", "letta:workload.cached_input_share of the file is 0.2"),
        ),
        (
            {"prompt_trimming": 0.2},
            {"workload": {**GOOD["workload"], "input_tokens_per_message": 5000}},
            ("to 2880", "letta:workload.input_tokens_per_message of the file is 5000"),
        ),
        ({"prompt_trimming": 0.2}, VLLM, ("serves its model itself", "letta:llm.vllm")),
        ({"quantised_weights": "awq"}, {}, ("serves no model of its own",)),
        (
            {"quantised_weights": "awq"},
            {**VLLM, "llm": "ollama"},
            ("Ollama serves weights of 4 bits already",),
        ),
        (
            {"quantised_weights": "fp8"},
            VLLM,
            ("llama-3.3-70b-fp8 is served with such weights already",),
        ),
        (
            {"quantised_weights": "fp8"},
            {**VLLM, "llm": {"hosting": "vllm", "vllm": {"model": "qwen-2.5-72b"}}},
            ("weights of qwen-2.5-72b that are smaller: awq",),
        ),
        (
            {"quantised_weights": "awq"},
            {**VLLM, "llm": {"hosting": "vllm", "vllm": {"model": "llama-3.3-70b-fp8"}}},
            ("letta:llm.vllm.model of the file is llama-3.3-70b-fp8",),
        ),
        ({"logs_endpoint": True}, SMALL, ("savings.logs_endpoint: there is no NAT gateway",)),
        ({"single_nat": True}, SMALL, ("savings.single_nat: there is no NAT gateway",)),
        (
            {"single_nat": True},
            {"ingress": {**GOOD["ingress"], "nat": "per_zone"}},
            ("letta:ingress.nat of the file is per_zone",),
        ),
        ({"spot_worker": True}, {}, ("savings.spot_worker: unknown key", "spot_workers?")),
    ],
)
def test_a_switch_that_contradicts_or_changes_nothing_is_refused(
    switches: dict[str, Any], changes: dict[str, Any], words: tuple[str, ...]
) -> None:
    report = refused({**GOOD, **changes, "savings": switches})
    for word in words:
        assert word in report


def test_switches_that_are_no_mapping_are_refused() -> None:
    assert "letta:savings: must hold keys and values" in refused({**GOOD, "savings": "all"})


def test_a_time_without_quotes_is_read_as_it_was_written() -> None:
    unquoted = stack_yaml.load("{begins: 22:00, ends: 06:00}")
    night = switched({"night": unquoted}).api.night
    assert night is not None
    assert (night.begins, night.ends) == ("22:00", "06:00")
    assert "savings.night.begins" in refused({**GOOD, "savings": {"night": {"begins": 2000}}})


def test_a_night_of_one_tier_is_refused_where_it_does_not_scale() -> None:
    report = refused({**GOOD, "worker": {"max_replicas": 1, "night": NIGHT}})
    assert "min_replicas and max_replicas are both 1" in report


def test_an_endpoint_without_nat_is_refused_without_a_switch_too() -> None:
    ingress = {**GOOD["ingress"], "kind": "proxy", "nat": "none", "logs_endpoint": True}
    assert "spares bytes through NAT, and nat is none" in refused({**GOOD, "ingress": ingress})


@pytest.mark.parametrize("switches", [{}, {"prompt_caching": 0.8, "prompt_trimming": 0.1}])
def test_the_workload_alone_is_read_as_with_all_settings(switches: dict[str, Any]) -> None:
    given = {"agents": 50, "messages_per_agent": 10}
    settings = switched(switches, workload=given)
    args = SavingsArgs.model_validate_json(json.dumps(switches))
    fields_found = savings.workload_fields(TIERS["medium"].workload, given, args)
    assert fields_found == settings.workload.model_dump()
