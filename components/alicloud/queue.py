"""Queue: Simple Message Queue with dead letters, for the user's own workers."""

from __future__ import annotations

import pulumi
from pulumi_alicloud import message

from components.alicloud import alarm_tables
from components.alicloud.alerts import raise_alarms
from components.alicloud.fixed import MOST_QUEUE_DAYS
from components.alicloud.site import Site
from components.args import QueueArgs

POLL_SECONDS = 20
"""How long a worker's question waits for a message."""
LARGEST_BYTES = 65_536
"""The most that a queue takes (provider documentation, `alicloud_message_service_queue`)."""
LEAST_VISIBILITY_SECONDS = 1
_SECONDS_PER_DAY = 86_400


class Queue(pulumi.ComponentResource):
    """A queue, and another for dead letters (requirement M1)."""

    url: pulumi.Output[str]
    """Address that producers and consumers use, known at preview."""

    def __init__(
        self, name: str, args: QueueArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__(
            "letta:alicloud:Queue",
            name,
            {"fifo": args.fifo, "maxReceives": args.max_receives},
            opts,
        )
        self._args, self._site = args, site
        self._child = pulumi.ResourceOptions(parent=self)
        place = site.place
        dead = self._queue(f"{name}-dead", MOST_QUEUE_DAYS, None)
        queue = self._queue(name, args.retention_days, dead)
        self.url = queue.queue_name.apply(
            lambda named: f"https://{place.account}.mns.{place.region}.aliyuncs.com/queues/{named}"
        )
        raise_alarms(
            self,
            name,
            alarm_tables.queue(
                place.region, queue.queue_name, dead.queue_name, max_receives=args.max_receives
            ),
            site.alerts,
            place,
        )
        self.register_outputs({"url": self.url})

    def _queue(
        self, name: str, days: int, dead: message.ServiceQueue | None
    ) -> message.ServiceQueue:
        args, place = self._args, self._site.place
        encrypted = self._site.queue_encryption
        return message.ServiceQueue(
            name,
            queue_name=place.unique(name),
            queue_type="fifo" if args.fifo else "normal",
            visibility_timeout=max(args.visibility_timeout_seconds, LEAST_VISIBILITY_SECONDS),
            message_retention_period=days * _SECONDS_PER_DAY,
            maximum_message_size=LARGEST_BYTES,
            polling_wait_seconds=POLL_SECONDS,
            enable_sse=True if encrypted else None,
            sse_type="SMQ" if encrypted else None,
            sse_algorithm="AES-256-GCM" if encrypted else None,
            dlq_policy=message.ServiceQueueDlqPolicyArgs(
                enabled=True,
                dead_letter_target_queue=dead.queue_name,
                max_receive_count=args.max_receives,
            )
            if dead
            else None,
            tags=place.tags,
            opts=self._child,
        )
