"""The queue: dead letters, and what the user's workers can rely on."""

from __future__ import annotations

import json
from typing import Any

import pulumi

from components.args import QueueArgs
from components.aws.queue import Queue
from tests.components.aws.conftest import MakeSite
from tests.components.aws.mock_cloud import ACCOUNT, Run, run

_DAY = 86_400


def _deploy(make_site: MakeSite, *, preview: bool = False, **changes: Any) -> Run[Queue]:  # noqa: ANN401
    return run(
        lambda: Queue(
            "letta-test-jobs", QueueArgs(**changes), make_site(), pulumi.ResourceOptions()
        ),
        preview=preview,
    )


def test_a_message_that_fails_too_often_goes_to_the_dead_letters(make_site: MakeSite) -> None:
    result = _deploy(make_site, max_receives=3, preview=True)
    queue = result.one("sqs/queue:Queue", "letta-test-jobs").inputs
    redrive = json.loads(queue["redrivePolicy"])
    assert redrive["maxReceiveCount"] == 3
    start = f"arn:aws:sqs:us-east-1:{ACCOUNT}:letta-test-jobs-dead-"
    assert redrive["deadLetterTargetArn"].startswith(start)


def test_the_dead_letters_admit_this_queue_only(make_site: MakeSite) -> None:
    result = _deploy(make_site)
    allow = result.one(":RedriveAllowPolicy").inputs
    assert json.loads(allow["redriveAllowPolicy"]) == {
        "redrivePermission": "byQueue",
        "sourceQueueArns": [result.value(result.result.arn)],
    }
    assert allow["queueUrl"] == result.value(result.result.dead_letter_url)


def test_dead_letters_outlive_the_messages(make_site: MakeSite) -> None:
    result = _deploy(make_site, retention_days=7)
    queue = result.one("sqs/queue:Queue", "letta-test-jobs").inputs
    dead = result.one(":Queue", "letta-test-jobs-dead").inputs
    assert queue["messageRetentionSeconds"] == 7 * _DAY
    assert dead["messageRetentionSeconds"] == 14 * _DAY


def test_a_worker_has_the_time_asked_for_and_polls_long(make_site: MakeSite) -> None:
    queue = _deploy(make_site, visibility_timeout_seconds=1200).one(
        "sqs/queue:Queue", "letta-test-jobs"
    )
    assert queue.inputs["visibilityTimeoutSeconds"] == 1200
    assert queue.inputs["receiveWaitTimeSeconds"] == 20


def test_messages_are_encrypted(make_site: MakeSite) -> None:
    for name in ("letta-test-jobs", "letta-test-jobs-dead"):
        queue = _deploy(make_site).one("sqs/queue:Queue", name)
        assert queue.inputs["sqsManagedSseEnabled"] is True
        assert "kmsMasterKeyId" not in queue.inputs


def test_a_fifo_queue_has_fifo_dead_letters(make_site: MakeSite) -> None:
    result = _deploy(make_site, fifo=True)
    queue = result.one("sqs/queue:Queue", "letta-test-jobs").inputs
    dead = result.one(":Queue", "letta-test-jobs-dead").inputs
    assert queue["fifoQueue"] is dead["fifoQueue"] is True
    assert queue["contentBasedDeduplication"] is True
    assert result.value(result.result.arn).endswith(".fifo")


def test_all_parts_of_the_queue_are_its_children(make_site: MakeSite) -> None:
    parts = [
        each for each in _deploy(make_site).resources if each.name.startswith("letta-test-jobs-")
    ]
    assert {each.parent for each in parts} == {"letta-test-jobs"}
    assert len([each for each in parts if each.type.endswith(":MetricAlarm")]) == 2
