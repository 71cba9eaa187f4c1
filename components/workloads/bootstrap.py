"""Bootstrap on a cluster: the one run that prepares the database before any server starts."""

from __future__ import annotations

import pulumi
from pulumi_kubernetes import batch, core, meta

from components.letta import bootstrap as job
from components.roles import ServerArgs
from components.workloads import companions, letta, network_policies, pods
from components.workloads.cluster import Cluster, Placement
from components.workloads.labels import labels, metadata
from components.workloads.secrets import secrets
from components.workloads.servers import POSTGRES_PORT, REDIS_PORT

ATTEMPTS = 3
"""Pods that are tried, within the whole run's time: a node may go away under the first."""
STOP_SECONDS = 30
"""From the order to stop until the kill, seconds; the next run finishes the work."""
_HTTPS_PORT = 443
_FOLDERS = (letta.HOME_FOLDER, letta.TEMPORARY_FOLDER)


class BootstrapJob(pulumi.ComponentResource):
    """A Job that Pulumi awaits. It runs again whenever its image, its script or a value that
    it reads has changed; an advisory lock of the database keeps two runs apart."""

    done: pulumi.Resource
    """There once the run ended well."""

    def __init__(
        self,
        name: str,
        args: ServerArgs,
        cluster: Cluster,
        placement: Placement,
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__(
            "letta:workloads:Bootstrap",
            name,
            {"image": args.image},
            pulumi.ResourceOptions.merge(
                opts, pulumi.ResourceOptions(providers=[cluster.provider])
            ),
        )
        child = pulumi.ResourceOptions(parent=self, depends_on=cluster.ready)
        values = secrets(self, name, "bootstrap", args.references, cluster)
        account = companions.service_account(
            self, name, "bootstrap", child, namespace=cluster.namespace
        )
        policies = network_policies
        access = policies.network_policy(
            self,
            name,
            "bootstrap",
            egress=[
                *policies.to_stores(cluster, POSTGRES_PORT, REDIS_PORT),
                policies.allow_to(policies.internet(cluster), _HTTPS_PORT),
            ],
            namespace=cluster.namespace,
            opts=child,
        )
        # It stays in the image's own work directory, where the migrations are.
        container = letta.container(
            "bootstrap",
            args,
            job.command(),
            values,
            _FOLDERS,
            pods.resources(
                request_vcpus=job.VCPUS,
                request_memory_mib=job.MEMORY_MIB,
                limit_vcpus=job.VCPUS,
                limit_memory_mib=job.MEMORY_MIB,
            ),
        )
        self.done = batch.v1.Job(
            name,
            metadata=metadata(
                name,
                "bootstrap",
                # A run that failed is not awaited again but followed by another.
                annotations={"pulumi.com/replaceUnready": "true"},
                namespace=cluster.namespace,
            ),
            spec=batch.v1.JobSpecArgs(
                backoff_limit=ATTEMPTS - 1,
                active_deadline_seconds=job.TIMEOUT_SECONDS,
                completions=1,
                parallelism=1,
                template=core.v1.PodTemplateSpecArgs(
                    metadata=meta.v1.ObjectMetaArgs(labels=labels(name, "bootstrap")),
                    spec=pods.spec(
                        name,
                        containers=[container],
                        placement=placement,
                        volumes=pods.volumes(_FOLDERS),
                        grace_seconds=STOP_SECONDS,
                        restart_policy="Never",
                    ),
                ),
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[account, access, *values.ready],
                # Another template is another Job, of the same name.
                delete_before_replace=True,
                custom_timeouts=pulumi.CustomTimeouts(create=f"{job.TIMEOUT_SECONDS + 60}s"),
            ),
        )
        self.register_outputs({})
