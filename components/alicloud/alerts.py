"""Alerts: who is told of alarms, and the alarms themselves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence

import pulumi
import pulumi_alicloud as alicloud
from pulumi_alicloud import cms, log

from components.alicloud.alarm_spec import AlarmSpec
from components.alicloud.place import Place

MAIN_REGION = "cn-heyuan"
"""Where Log Service keeps who is told, whatever the region of a project (provider documentation,
`alicloud_log_resource_record`)."""
SILENCE_SECONDS = 3600
"""How long an alarm that goes on is not told again."""


class Alerts(pulumi.ComponentResource):
    """The addresses that alarms go to (requirement O4).

    CloudMonitor and Log Service have lists of their own: a contact for each address in one, a user
    for each in the other.
    """

    group: pulumi.Output[str]
    """Name of the group of contacts, known at preview."""
    action_policy: str
    """Id of what Log Service does with an alert."""
    ready: tuple[pulumi.Resource, ...]
    """What has to be there before an alert of Log Service can name the policy."""

    def __init__(
        self, name: str, emails: Sequence[str], place: Place, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("letta:alicloud:Alerts", name, {"emails": len(emails)}, opts)
        child = pulumi.ResourceOptions(parent=self)
        contacts = [
            cms.AlarmContact(
                each,
                alarm_contact_name=place.unique(each),
                describe=f"Alarms of {name}",
                channels_mail=address,
                lang="en",
                # CloudMonitor tells no address before its owner has confirmed it, so it would show
                # as a change until then. Another address is another contact.
                opts=pulumi.ResourceOptions(parent=self, ignore_changes=["channelsMail"]),
            )
            for each, address in _labelled(name, emails)
        ]
        group = cms.AlarmContactGroup(
            name,
            alarm_contact_group_name=place.unique(name),
            describe=f"Alarms of {name}",
            contacts=[each.alarm_contact_name for each in contacts],
            opts=child,
        )
        self.group = group.alarm_contact_group_name
        self.action_policy = place.unique(name)
        self.ready = self._policy(name, emails, place)
        self.register_outputs({"group": self.group})

    def _policy(
        self, name: str, emails: Sequence[str], place: Place
    ) -> tuple[pulumi.Resource, ...]:
        main = alicloud.Provider(
            f"{name}-main", region=MAIN_REGION, opts=pulumi.ResourceOptions(parent=self)
        )
        there = pulumi.ResourceOptions(parent=self, provider=main)
        users = {place.unique(each): address for each, address in _labelled(name, emails)}
        records = [
            log.ResourceRecord(
                f"{name}-user-{position + 1}",
                resource_name_="sls.common.user",
                record_id=user,
                tag=user,
                value=json.dumps(
                    {
                        "user_id": user,
                        "user_name": user,
                        "email": [address],
                        "enabled": True,
                        "country_code": "1",
                        "phone": "",
                        "sms_enabled": False,
                        "voice_enabled": False,
                    }
                ),
                opts=there,
            )
            for position, (user, address) in enumerate(users.items())
        ]
        told = json.dumps(sorted(users))
        policy = log.ResourceRecord(
            f"{name}-policy",
            resource_name_="sls.alert.action_policy",
            record_id=place.unique(name),
            tag=name,
            value=json.dumps(
                {
                    "action_policy_id": place.unique(name),
                    "action_policy_name": name,
                    "is_default": False,
                    "labels": {},
                    "primary_policy_script": f'fire(type="email", users={told}, groups=[], '
                    'receiver_type="static", template_id="sls.builtin.en", period="any", '
                    'check_quota="true")',
                    "secondary_policy_script": "",
                    "escalation_start_enabled": False,
                    "escalation_inprogress_enabled": False,
                    "escalation_enabled": False,
                }
            ),
            opts=pulumi.ResourceOptions.merge(there, pulumi.ResourceOptions(depends_on=records)),
        )
        return (policy,)


def _labelled(name: str, emails: Sequence[str]) -> list[tuple[str, str]]:
    return [
        (f"{name}-{hashlib.sha256(address.encode()).hexdigest()[:8]}", address)
        for address in emails
    ]


def raise_alarms(
    parent: pulumi.Resource,
    name: str,
    specs: Iterable[AlarmSpec],
    alerts: Alerts,
    place: Place,
) -> None:
    """Make the alarms `<name>-<spec.name>`; they tell the group of trouble."""
    for spec in specs:
        cms.Alarm(
            f"{name}-{spec.name}",
            project=spec.namespace,
            metric=spec.metric,
            metric_dimensions=pulumi.Output.json_dumps([dict(spec.dimensions)]),
            period=spec.period_seconds,
            silence_time=SILENCE_SECONDS,
            escalations_critical=cms.AlarmEscalationsCriticalArgs(
                statistics=spec.statistic,
                comparison_operator=spec.comparison,
                threshold=f"{spec.threshold:g}",
                times=spec.times,
            ),
            contact_groups=[alerts.group],
            tags=place.tags,
            opts=pulumi.ResourceOptions(parent=parent),
        )
