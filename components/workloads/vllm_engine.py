"""vLLM on one machine: each copy of the model has all GPUs of a machine to itself."""

from __future__ import annotations

import pulumi
from pulumi_kubernetes import apps, meta

from components.workloads.cluster import Placement
from components.workloads.labels import metadata, selector
from components.workloads.queue_scaling import Target
from components.workloads.secrets import Secrets
from components.workloads.vllm_pods import Engine, arguments, claim_templates, template


def one_machine(
    parent: pulumi.Resource,
    name: str,
    engine: Engine,
    placement: Placement,
    secrets: Secrets,
    *,
    service: str,
    opts: pulumi.ResourceOptions,
) -> tuple[Target, pulumi.Resource]:
    """Copies that may move to any machine, or, where each keeps a volume, copies that return to
    theirs. `service`: name of their headless Service."""
    pod = template(name, engine, placement, secrets, arguments=arguments(engine))
    chosen = meta.v1.LabelSelectorArgs(match_labels=selector(name))
    timeout = f"{engine.rollout_seconds * engine.args.max_replicas}s"
    opts = pulumi.ResourceOptions.merge(
        pulumi.ResourceOptions(
            parent=parent,
            # The autoscaler moves the count.
            ignore_changes=["spec.replicas"] if engine.scales else None,
            custom_timeouts=pulumi.CustomTimeouts(create=timeout, update=timeout),
        ),
        opts,
    )
    if engine.keeps_volumes:
        stateful = apps.v1.StatefulSet(
            name,
            metadata=metadata(name, "llm-engine"),
            spec=apps.v1.StatefulSetSpecArgs(
                service_name=service,
                replicas=engine.args.min_replicas,
                selector=chosen,
                pod_management_policy="Parallel",
                # Copies are replaced one by one, the old one first.
                update_strategy=apps.v1.StatefulSetUpdateStrategyArgs(type="RollingUpdate"),
                persistent_volume_claim_retention_policy=(
                    apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicyArgs(
                        when_scaled="Retain", when_deleted="Delete"
                    )
                ),
                revision_history_limit=5,
                volume_claim_templates=claim_templates(engine),
                template=pod,
            ),
            opts=opts,
        )
        return Target(api_version="apps/v1", kind="StatefulSet", name=name), stateful
    deployment = apps.v1.Deployment(
        name,
        metadata=metadata(name, "llm-engine"),
        spec=apps.v1.DeploymentSpecArgs(
            replicas=engine.args.min_replicas,
            selector=chosen,
            strategy=apps.v1.DeploymentStrategyArgs(
                type="RollingUpdate",
                # The GPUs for one copy more are rarely to be had.
                rolling_update=apps.v1.RollingUpdateDeploymentArgs(max_surge=0, max_unavailable=1),
            ),
            progress_deadline_seconds=engine.rollout_seconds,
            revision_history_limit=5,
            template=pod,
        ),
        opts=opts,
    )
    return Target(api_version="apps/v1", kind="Deployment", name=name), deployment
