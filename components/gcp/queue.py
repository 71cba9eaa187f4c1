"""Queue: Pub/Sub with dead letters, for the user's own workers."""

from __future__ import annotations

import pulumi
from pulumi_gcp import pubsub

from components.args import QueueArgs
from components.gcp import alarm_tables
from components.gcp.alarms import raise_alarms
from components.gcp.site import Site

MOST_ACK_SECONDS = 600
"""Longest time that Pub/Sub leaves a message with a worker; client libraries extend it while they
work (Pub/Sub documentation, "Extend ack time with lease management")."""
DEAD_LETTER_RETENTION_DAYS = 14
"""Days that dead letters are kept."""

_SECONDS_PER_DAY = 86_400


class Queue(pulumi.ComponentResource):
    """A topic with one subscription, and another pair for dead letters (requirement M1)."""

    url: pulumi.Output[str]
    """Resource name of the topic that producers publish to, known at preview."""
    subscription: pulumi.Output[str]
    """Resource name of the subscription that workers pull from, known at preview."""

    def __init__(
        self, name: str, args: QueueArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__(
            "letta:gcp:Queue", name, {"fifo": args.fifo, "maxReceives": args.max_receives}, opts
        )
        self._site = site
        self._child = pulumi.ResourceOptions(parent=self)
        dead, dead_path = self._topic(f"{name}-dead")
        dead_letters = pubsub.Subscription(
            f"{name}-dead",
            topic=dead_path,
            message_retention_duration=f"{DEAD_LETTER_RETENTION_DAYS * _SECONDS_PER_DAY}s",
            # Without it, a subscription that nobody reads is deleted after a month.
            expiration_policy=pubsub.SubscriptionExpirationPolicyArgs(ttl=""),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[dead]),
        )
        topic, self.url = self._topic(name)
        subscription = pubsub.Subscription(
            name,
            topic=self.url,
            ack_deadline_seconds=min(args.visibility_timeout_seconds, MOST_ACK_SECONDS),
            message_retention_duration=f"{args.retention_days * _SECONDS_PER_DAY}s",
            enable_message_ordering=args.fifo,
            enable_exactly_once_delivery=args.fifo,
            expiration_policy=pubsub.SubscriptionExpirationPolicyArgs(ttl=""),
            dead_letter_policy=pubsub.SubscriptionDeadLetterPolicyArgs(
                dead_letter_topic=dead_path, max_delivery_attempts=args.max_receives
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[topic, dead]),
        )
        self.subscription = subscription.name.apply(
            lambda named: site.place.path(f"subscriptions/{named}")
        )
        self._let_dead_letters_pass(name, dead, subscription)
        raise_alarms(
            self,
            name,
            alarm_tables.queue(subscription.name, dead_letters.name, args),
            site.alerts.channels,
        )
        self.register_outputs({"url": self.url})

    def _topic(self, name: str) -> tuple[pubsub.Topic, pulumi.Output[str]]:
        place, secrets = self._site.place, self._site.secrets
        topic = pubsub.Topic(
            name,
            kms_key_name=secrets.key,
            message_storage_policy=pubsub.TopicMessageStoragePolicyArgs(
                allowed_persistence_regions=[place.region]
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=secrets.ready),
        )
        return topic, topic.name.apply(lambda named: place.path(f"topics/{named}"))

    def _let_dead_letters_pass(
        self, name: str, dead: pubsub.Topic, subscription: pubsub.Subscription
    ) -> None:
        """Pub/Sub itself moves them, by an account of its own (Pub/Sub documentation, "Grant
        forwarding permissions")."""
        agent = self._site.place.agent("gcp-sa-pubsub")
        pubsub.TopicIAMMember(
            f"{name}-dead",
            topic=dead.name,
            role="roles/pubsub.publisher",
            member=agent,
            opts=self._child,
        )
        pubsub.SubscriptionIAMMember(
            name,
            subscription=subscription.name,
            role="roles/pubsub.subscriber",
            member=agent,
            opts=self._child,
        )
