"""Queue: Service Bus with dead letters, for the user's own workers."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import servicebus

from components.args import QueueArgs
from components.azure import alarm_tables
from components.azure.alarms import watch
from components.azure.place import after
from components.azure.site import Site

MOST_LOCK_SECONDS = 300
"""Longest time that Service Bus leaves a message with a worker; client libraries extend it while
they work (Service Bus documentation, "Message transfers, locks, and settlement")."""
QUEUE = "jobs"
NAMESPACES = "Microsoft.ServiceBus/namespaces"


class Queue(pulumi.ComponentResource):
    """A queue; dead letters are a part of it (requirement M1).

    Workers come with rights of their own on it, never with a key of the namespace.
    """

    url: pulumi.Output[str]
    """Address that producers and consumers use, known at preview."""

    def __init__(
        self, name: str, args: QueueArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__(
            "letta:azure:Queue", name, {"fifo": args.fifo, "maxReceives": args.max_receives}, opts
        )
        place = site.place
        namespace_name = place.named(name)
        namespace = servicebus.Namespace(
            name,
            namespace_name=namespace_name,
            resource_group_name=place.group,
            location=place.region,
            sku={"name": servicebus.SkuName.STANDARD, "tier": servicebus.SkuTier.STANDARD},
            disable_local_auth=True,
            minimum_tls_version="1.2",
            tags=place.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        queue = servicebus.Queue(
            name,
            queue_name=QUEUE,
            namespace_name=after(namespace_name, namespace),
            resource_group_name=place.group,
            lock_duration=f"PT{min(args.visibility_timeout_seconds, MOST_LOCK_SECONDS)}S",
            max_delivery_count=args.max_receives,
            default_message_time_to_live=f"P{args.retention_days}D",
            dead_lettering_on_message_expiration=True,
            # Order is kept within a session.
            requires_session=args.fifo,
            requires_duplicate_detection=args.fifo,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.url = after(f"https://{namespace_name}.servicebus.windows.net/{QUEUE}", queue)
        watch(
            self,
            name,
            alarm_tables.queue(QUEUE, args),
            place.of(namespace, f"{NAMESPACES}/{namespace_name}"),
            place,
            site.alerts.group,
        )
        self.register_outputs({"url": self.url})
