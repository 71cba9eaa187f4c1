"""Schedule: a service that keeps to its fewest copies at night (requirement K4)."""

from __future__ import annotations

import pulumi
from pulumi_aws import appautoscaling

from components.args import NightArgs, TierArgs
from components.aws.schedule_text import daily


def keep_few_at_night(
    name: str,
    args: TierArgs,
    night: NightArgs,
    target: appautoscaling.Target,
    opts: pulumi.ResourceOptions,
) -> None:
    """Lower the ceiling of a scalable target to its floor when the night begins, and put it back
    when it ends.

    The floor stays, so the night takes nothing from availability: what `min_replicas` can bear is
    served, and no more than that. An update that meets a night finds the target at the lower
    ceiling, and without a refresh leaves it there.
    """
    for phase, time, most in (
        ("night", night.begins, args.min_replicas),
        ("day", night.ends, args.max_replicas),
    ):
        appautoscaling.ScheduledAction(
            f"{name}-{phase}",
            service_namespace=target.service_namespace,
            scalable_dimension=target.scalable_dimension,
            resource_id=target.resource_id,
            schedule=daily(time),
            timezone=night.timezone,
            scalable_target_action=appautoscaling.ScheduledActionScalableTargetActionArgs(
                min_capacity=args.min_replicas, max_capacity=most
            ),
            opts=opts,
        )
