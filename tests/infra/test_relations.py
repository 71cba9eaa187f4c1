"""Relations between roles: which choices go together."""

from __future__ import annotations

import pytest

from infra import platforms
from infra.settings import SettingsError, load
from tests.infra.loading import loaded, refused, values
from tests.infra.stack_files import GOOD, LARGE


def test_a_worker_that_is_not_there_may_be_of_any_kind() -> None:
    worker = {"enabled": False, "compute": "instances"}
    assert not loaded({**GOOD, **LARGE, "worker": worker}).worker.enabled
    off = {"compute": "fargate", "vcpus": 2, "memory_gib": 2, "enabled": False}
    assert not loaded({**GOOD, "worker": off}).worker.enabled


def test_a_worker_fits_what_fargate_offers() -> None:
    worker = {"compute": "fargate", "vcpus": 2, "memory_gib": 2}
    assert "letta:worker: Fargate has no task of 2" in refused({**GOOD, "worker": worker})


def test_nodes_get_the_clouds_name_of_their_size() -> None:
    settings = loaded({**GOOD, **LARGE})
    assert settings.api.instance_type == "m5.2xlarge"
    assert settings.worker.instance_type == "c5.2xlarge"


def test_a_cluster_stands_behind_a_load_balancer() -> None:
    ingress = {**LARGE["ingress"], "kind": "proxy", "nat": "none", "waf": None}
    report = refused({**GOOD, "ingress": ingress, "api": "kubernetes", "worker": "kubernetes"})
    assert "letta:api.compute: kubernetes needs a load balancer before it" in report


def test_a_plain_token_beside_an_encrypted_key_is_found() -> None:
    llm = {
        "hosting": "vllm",
        "vllm": {"hugging_face_token": "hf_plain"},
        "providers": {"openai": {"api_key": "sk-kept"}},
    }
    written = {**llm, "providers": {"openai": {"api_key": {"secure": "v1:x"}}}}
    with pytest.raises(SettingsError) as caught:
        load(
            values({**GOOD, **LARGE, "llm": llm}),
            secret_keys=("llm",),
            written={"llm": written},
            clouds=platforms.CLOUDS,
            catalog=platforms.catalog,
        )
    [problem] = caught.value.problems
    assert problem.startswith("letta:llm.vllm.hugging_face_token: stands in the file")
    assert "hf_plain" not in problem
