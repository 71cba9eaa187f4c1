"""Queue: SQS with dead letters, for the user's own workers."""

from __future__ import annotations

import json

import pulumi
from pulumi_aws import sqs

from components.args import QueueArgs
from components.aws import alarm_tables
from components.aws.alarms import raise_alarms
from components.aws.site import Site

DEAD_LETTER_RETENTION_DAYS = 14
"""The longest that SQS offers; a dead letter keeps the date it was first sent on."""
LONG_POLL_SECONDS = 20
"""The longest that SQS offers: fewest empty answers, each of which is billed."""

_SECONDS_PER_DAY = 86_400


class Queue(pulumi.ComponentResource):
    """A queue and its dead-letter queue (requirement M1), encrypted with keys of SQS: a
    consumer then needs no right on the stack's key."""

    url: pulumi.Output[str]
    """Address that producers and consumers use."""
    arn: pulumi.Output[str]
    """ARN that their IAM policies name, known at preview."""
    dead_letter_url: pulumi.Output[str]
    """Address of the dead-letter queue."""

    def __init__(
        self, name: str, args: QueueArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__(
            "letta:aws:Queue",
            name,
            {"fifo": args.fifo, "maxReceives": args.max_receives},
            opts,
        )
        child = pulumi.ResourceOptions(parent=self)
        fifo = True if args.fifo else None

        def arn_of(queue: sqs.Queue) -> pulumi.Output[str]:
            return queue.name.apply(lambda named: site.place.arn("sqs", named))

        dead_letters = sqs.Queue(
            f"{name}-dead",
            fifo_queue=fifo,
            message_retention_seconds=DEAD_LETTER_RETENTION_DAYS * _SECONDS_PER_DAY,
            receive_wait_time_seconds=LONG_POLL_SECONDS,
            sqs_managed_sse_enabled=True,
            opts=child,
        )
        queue = sqs.Queue(
            name,
            fifo_queue=fifo,
            content_based_deduplication=fifo,
            visibility_timeout_seconds=args.visibility_timeout_seconds,
            message_retention_seconds=args.retention_days * _SECONDS_PER_DAY,
            receive_wait_time_seconds=LONG_POLL_SECONDS,
            sqs_managed_sse_enabled=True,
            redrive_policy=arn_of(dead_letters).apply(
                lambda arn: json.dumps(
                    {"deadLetterTargetArn": arn, "maxReceiveCount": args.max_receives}
                )
            ),
            opts=child,
        )
        self.arn = arn_of(queue)
        sqs.RedriveAllowPolicy(
            f"{name}-dead",
            queue_url=dead_letters.url,
            redrive_allow_policy=self.arn.apply(
                lambda arn: json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [arn]})
            ),
            opts=child,
        )
        self.url = queue.url
        self.dead_letter_url = dead_letters.url
        raise_alarms(
            self,
            name,
            alarm_tables.queue(queue.name, dead_letters.name, args),
            site.alerts.topic_arn,
        )
        self.register_outputs({"url": self.url, "deadLetterUrl": self.dead_letter_url})
