"""A tier's whole life on the real engine: up, nothing left to do, destroyed, nothing left."""

from __future__ import annotations

import json

import pytest

from tests.engine.conftest import Life

PROCESSES = {
    "the command of this project": "letta-cloud",
    "the engine": "pulumi up --yes",
    "the host of its language": "pulumi-language-python",
    "the program": "pulumi-language-python-exec",
    "the policy pack": "pulumi.policy",
    "the sandbox": "sandbox serve",
}
"""What a run consists of -> words by which it is known."""


def test_up_succeeds_with_every_policy_checked(life: Life) -> None:
    assert life.up, life.up.output
    assert "letta-cloud" in life.up.output
    assert "can't run policy" not in life.up.output


def test_the_second_preview_finds_nothing_to_do(life: Life) -> None:
    assert life.again, life.again.output


def test_no_generated_secret_stands_in_plain_text_anywhere(life: Life) -> None:
    exported = json.dumps(life.exported)
    found = [
        place
        for secret in life.secrets
        for place, text in {
            "state": exported,
            "output of up": life.up.output,
            "output of preview": life.again.output,
            "environment": life.environment,
            **life.state_files,
        }.items()
        if secret in text
    ]
    assert not found


def test_no_process_of_the_run_is_given_a_secret(life: Life) -> None:
    assert [one.words for one in life.processes.holding(life.secrets)] == []


@pytest.mark.parametrize("kind", PROCESSES)
def test_processes_of_every_kind_were_looked_at(life: Life, kind: str) -> None:
    assert [one for one in life.processes.seen if PROCESSES[kind] in one.words]


def test_nothing_that_is_deployed_is_started_with_a_secret(life: Life) -> None:
    assert life.commands
    assert [word for word in life.commands if any(text in word for text in life.secrets)] == []


def test_there_were_secrets_to_look_for(life: Life) -> None:
    assert len(life.secrets) >= 4


def test_deletion_protection_stops_a_plain_destroy(life: Life) -> None:
    assert not life.unprotected
    assert "protect" in life.unprotected.output.lower()


def test_destroy_leaves_nothing(life: Life) -> None:
    assert life.destroyed, life.destroyed.output
    assert life.objects_left == 0


def test_the_working_tree_is_as_before(life: Life) -> None:
    assert life.working_tree == ""
