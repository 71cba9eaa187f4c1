"""vLLM across machines: one copy of the model is a group of pods that start and end together.

LeaderWorkerSet keeps the groups; within one, vLLM's own processes find each other and split the
layers over the machines and each layer over a machine's GPUs ("LWS" and "Parallelism and
Scaling" of the vLLM guide).
"""

from __future__ import annotations

import pulumi
from pulumi_kubernetes import apiextensions, core

from components.workloads.cluster import Placement
from components.workloads.labels import metadata
from components.workloads.queue_scaling import Target
from components.workloads.secrets import Secrets
from components.workloads.vllm_pods import Engine, arguments, claim_templates, template

API_VERSION = "leaderworkerset.x-k8s.io/v1"
KIND = "LeaderWorkerSet"
LEADER = {"leaderworkerset.sigs.k8s.io/worker-index": "0"}
"""Label of the one pod of a group that answers requests."""
NETWORK_INTERFACE = "eth0"
"""Of a pod: what the GPUs' library takes to reach other machines."""


def several_machines(
    parent: pulumi.Resource,
    name: str,
    engine: Engine,
    placement: Placement,
    secrets: Secrets,
    *,
    opts: pulumi.ResourceOptions,
) -> tuple[Target, pulumi.Resource]:
    """Groups of as many pods as a copy needs machines."""
    variables = [
        core.v1.EnvVarArgs(
            name="VLLM_HOST_IP",
            value_from=core.v1.EnvVarSourceArgs(
                field_ref=core.v1.ObjectFieldSelectorArgs(field_path="status.podIP")
            ),
        ),
        core.v1.EnvVarArgs(name="NCCL_SOCKET_IFNAME", value=NETWORK_INTERFACE),
    ]
    common = [
        *arguments(engine),
        *("--pipeline-parallel-size", str(engine.fit.pipeline_parallel)),
        *("--nnodes", str(engine.fit.nodes)),
        # Kubernetes fills in what LeaderWorkerSet puts into each pod's environment.
        *("--node-rank", "$(LWS_WORKER_INDEX)"),
        *("--master-addr", "$(LWS_LEADER_ADDRESS)"),
    ]
    leader, worker = (
        template(
            name,
            engine,
            placement,
            secrets,
            arguments=common if serves else [*common, "--headless"],
            serves=serves,
            variables=variables,
        )
        for serves in (True, False)
    )
    claims = claim_templates(engine)
    timeout = f"{engine.rollout_seconds * engine.args.max_replicas}s"
    groups = apiextensions.CustomResource(
        name,
        api_version=API_VERSION,
        kind=KIND,
        metadata=metadata(
            name,
            "llm-engine",
            annotations={"pulumi.com/waitFor": "condition=Available"}
            if engine.args.min_replicas
            else None,
        ),
        spec={
            "replicas": engine.args.min_replicas,
            "startupPolicy": "LeaderCreated",
            "rolloutStrategy": {
                "type": "RollingUpdate",
                # The GPUs for one group more are rarely to be had.
                "rollingUpdateConfiguration": {"maxSurge": 0, "maxUnavailable": 1},
            },
            "networkConfig": {"subdomainPolicy": "Shared"},
            "leaderWorkerTemplate": {
                "size": engine.fit.nodes,
                # A group that has lost a pod has lost its requests: it starts anew as a whole,
                # but not while machines are still on their way.
                "restartPolicy": "RecreateGroupAfterStart",
                "leaderTemplate": leader,
                "workerTemplate": worker,
                **(
                    {
                        "volumeClaimTemplates": claims,
                        "persistentVolumeClaimRetentionPolicy": {
                            "whenScaled": "Retain",
                            "whenDeleted": "Delete",
                        },
                    }
                    if claims
                    else {}
                ),
            },
        },
        opts=pulumi.ResourceOptions.merge(
            pulumi.ResourceOptions(
                parent=parent,
                # The autoscaler moves the count.
                ignore_changes=["spec.replicas"] if engine.scales else None,
                custom_timeouts=pulumi.CustomTimeouts(create=timeout, update=timeout),
            ),
            opts,
        ),
    )
    return Target(api_version=API_VERSION, kind=KIND, name=name), groups
