"""Dump on a cluster: the scheduled run that dumps the database to the bucket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import batch, core, meta

from components.letta import dump as job
from components.roles import DumpJobArgs
from components.workloads import companions, network_policies, pods
from components.workloads.cluster import Cluster, Placement
from components.workloads.cron import cron
from components.workloads.labels import labels, metadata
from components.workloads.secrets import secrets
from components.workloads.servers import POSTGRES_PORT

ATTEMPTS = 2
"""Pods that are tried for one dump: a node may go away under the first."""
STOP_SECONDS = 30
_TOKEN_FILE = "token"  # noqa: S105  (a file's name)
_IDENTITY = "identity"
_TOKEN_SECONDS = 3600
_START_SECONDS = 3600
"""How late a run may still begin, where the cluster could not begin it in time."""


@dataclass(frozen=True, kw_only=True)
class Token:
    """A token of the pods' own service account, by which the cloud hands out rights."""

    audience: str
    """Whom it is for."""
    path: str
    """Folder that the second container finds it in."""

    @property
    def file(self) -> str:
        """Where it is."""
        return f"{self.path}/{_TOKEN_FILE}"


@dataclass(frozen=True, kw_only=True)
class Upload:
    """How the cloud's own client puts files into its bucket."""

    image: str
    command: tuple[str, ...]
    environment: Mapping[str, pulumi.Input[str]]
    egress: Sequence[network_policies.Egress]
    """Whom it calls: the bucket, and whoever hands out the rights to it."""
    secrets: Sequence[core.v1.EnvVarArgs] = ()
    """Entries of its environment that come from secrets."""
    token: Token | None = None
    """The token by which it gets its rights; none where the machine or a secret gives them."""
    ready: Sequence[pulumi.Resource] = ()
    """What has to be there before a run: its rights, where those take a while to be known."""


class DumpJob(pulumi.ComponentResource):
    """A CronJob whose first container dumps and whose second uploads; the first sees the
    database's URI, the second does not."""

    def __init__(
        self,
        name: str,
        args: DumpJobArgs,
        upload: Upload,
        cluster: Cluster,
        placement: Placement,
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__(
            "letta:workloads:Dump",
            name,
            {"everyHours": args.schedule.every_hours},
            companions.within(cluster, opts),
        )
        child = pulumi.ResourceOptions(parent=self, depends_on=cluster.ready)
        values = secrets(self, name, "dump", args.references, cluster)
        account = companions.service_account(self, name, "dump", child, namespace=cluster.namespace)
        policies = network_policies
        access = policies.network_policy(
            self,
            name,
            "dump",
            egress=[
                *policies.to_stores(cluster, POSTGRES_PORT),
                *upload.egress,
            ],
            namespace=cluster.namespace,
            opts=child,
        )
        scratch = pods.Folder(name="scratch", path=job.SCRATCH, size_gib=args.schedule.scratch_gib)
        resources = pods.resources(
            request_vcpus=job.VCPUS,
            request_memory_mib=job.MEMORY_MIB,
            limit_vcpus=job.VCPUS,
            limit_memory_mib=job.MEMORY_MIB,
        )

        def container(
            container: str,
            image: str,
            command: Sequence[str],
            environment: list[core.v1.EnvVarArgs],
            mounts: Sequence[core.v1.VolumeMountArgs] = (),
        ) -> core.v1.ContainerArgs:
            return core.v1.ContainerArgs(
                name=container,
                image=image,
                image_pull_policy="IfNotPresent",
                command=list(command),
                env=environment,
                resources=resources,
                security_context=pods.container_security(),
                volume_mounts=[*pods.mounts([scratch]), *mounts],
            )

        dump = container(
            job.DUMP,
            job.IMAGES[args.engine_version],
            job.dump_command(),
            pods.environment(job.dump_environment(args.schedule), values.environment),
        )
        send = container(
            job.UPLOAD,
            upload.image,
            upload.command,
            [
                core.v1.EnvVarArgs(name=key, value=value)
                for key, value in sorted(upload.environment.items())
            ]
            + list(upload.secrets),
            _token_mounts(upload.token),
        )
        batch.v1.CronJob(
            name,
            metadata=metadata(name, "dump", namespace=cluster.namespace),
            spec=batch.v1.CronJobSpecArgs(
                schedule=cron(args.schedule.starts),
                time_zone="Etc/UTC",
                concurrency_policy="Forbid",
                starting_deadline_seconds=_START_SECONDS,
                successful_jobs_history_limit=1,
                failed_jobs_history_limit=3,
                job_template=batch.v1.JobTemplateSpecArgs(
                    metadata=meta.v1.ObjectMetaArgs(labels=labels(name, "dump")),
                    spec=batch.v1.JobSpecArgs(
                        backoff_limit=ATTEMPTS - 1,
                        active_deadline_seconds=args.schedule.longest_seconds,
                        template=core.v1.PodTemplateSpecArgs(
                            metadata=meta.v1.ObjectMetaArgs(labels=labels(name, "dump")),
                            spec=pods.spec(
                                name,
                                init_containers=[dump],
                                containers=[send],
                                placement=placement,
                                volumes=[*pods.volumes([scratch]), *_token_volumes(upload.token)],
                                grace_seconds=STOP_SECONDS,
                                restart_policy="Never",
                            ),
                        ),
                    ),
                ),
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[account, access, *values.ready, *upload.ready],
            ),
        )
        self.register_outputs({})


def _token_mounts(token: Token | None) -> list[core.v1.VolumeMountArgs]:
    if token is None:
        return []
    return [core.v1.VolumeMountArgs(name=_IDENTITY, mount_path=token.path, read_only=True)]


def _token_volumes(token: Token | None) -> list[core.v1.VolumeArgs]:
    if token is None:
        return []
    source = core.v1.ServiceAccountTokenProjectionArgs(
        audience=token.audience, expiration_seconds=_TOKEN_SECONDS, path=_TOKEN_FILE
    )
    return [
        core.v1.VolumeArgs(
            name=_IDENTITY,
            projected=core.v1.ProjectedVolumeSourceArgs(
                sources=[core.v1.VolumeProjectionArgs(service_account_token=source)]
            ),
        )
    ]
