"""Dump: the scheduled run that dumps the database to the bucket, on Cloud Run."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_gcp import cloudrunv2, cloudscheduler

from components.gcp import containers, dump_upload
from components.gcp.alarm_tables import dump_failed, dump_missing
from components.gcp.alarms import raise_alarms
from components.gcp.fixed import DUMP_CONTAINERS
from components.gcp.identity import Identity
from components.gcp.logs import count_lines, lines_of_job
from components.gcp.site import Site
from components.letta import dump as job
from components.roles import DumpJobArgs, Reference
from components.workloads.cron import cron

ATTEMPTS = 2
RUN = "roles/run.invoker"

_SCRATCH = "scratch"
_ENDED = f"{job.SCRATCH}/ended"
"""File that tells the second container that the first has ended, well or not: Cloud Run orders
the starts of containers, not their ends."""
_WAIT = f"until [ -e {_ENDED} ]; do sleep 5; done"


class Dump(pulumi.ComponentResource):
    """A job that Cloud Scheduler runs (requirement S1).

    Its first container has the URI, its second uploads what the first has made; without a dump the
    second fails, and the run with it. Both have the rights of one account: to add to the folder of
    dumps, to read the URI, and to run this job, which is how Cloud Scheduler does.
    """

    def __init__(
        self, name: str, args: DumpJobArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("letta:gcp:Dump", name, {"everyHours": args.schedule.every_hours}, opts)
        self._name = name
        self._site = site
        child = pulumi.ResourceOptions(parent=self)
        identity = Identity(name, site, args.references, child)
        member = pulumi.Output.concat("serviceAccount:", identity.email)
        may_add = dump_upload.may_add(self, name, args.bucket, member)
        run = self._job(args, identity, may_add)
        may_run = cloudrunv2.JobIamMember(
            name,
            name=run.name,
            location=site.place.region,
            role=RUN,
            member=member,
            opts=child,
        )
        self._schedule(args, run, identity, may_run)
        # By its name and not by the job: the metric is there long before what it watches.
        source = lines_of_job(site.named(name))
        site.logs.stream(self, name, source)
        metric = count_lines(self, f"{name}-stored", source, job.STORED)
        raise_alarms(
            self,
            name,
            [dump_missing(metric, args.schedule), dump_failed(site.named(name))],
            site.alerts.channels,
            after=[run],
        )
        self.register_outputs({})

    def _job(
        self, args: DumpJobArgs, identity: Identity, may_add: pulumi.Resource
    ) -> cloudrunv2.Job:
        site = self._site
        shell, flag, script = job.upload_command(dump_upload.COPY)
        _, _, dumps = job.dump_command()
        return cloudrunv2.Job(
            self._name,
            name=site.named(self._name),
            location=site.place.region,
            # A disk of its own is a preview of Cloud Run; in memory, a dump would need as much.
            launch_stage="BETA",
            deletion_protection=False,
            template=cloudrunv2.JobTemplateArgs(
                template=cloudrunv2.JobTemplateTemplateArgs(
                    service_account=identity.email,
                    execution_environment="EXECUTION_ENVIRONMENT_GEN2",
                    max_retries=ATTEMPTS - 1,
                    timeout=f"{args.schedule.longest_seconds // ATTEMPTS}s",
                    vpc_access=cloudrunv2.JobTemplateTemplateVpcAccessArgs(
                        network_interfaces=[
                            cloudrunv2.JobTemplateTemplateVpcAccessNetworkInterfaceArgs(
                                network=site.network.name, subnetwork=site.network.subnet
                            )
                        ],
                        egress="PRIVATE_RANGES_ONLY",
                    ),
                    volumes=[
                        cloudrunv2.JobTemplateTemplateVolumeArgs(
                            name=_SCRATCH,
                            empty_dir=cloudrunv2.JobTemplateTemplateVolumeEmptyDirArgs(
                                medium="DISK", size_limit=f"{args.schedule.scratch_gib}Gi"
                            ),
                        )
                    ],
                    containers=[
                        _container(
                            job.DUMP,
                            job.IMAGES[args.engine_version],
                            (shell, flag, f"trap 'touch {_ENDED}' EXIT\n{dumps}"),
                            job.dump_environment(args.schedule),
                            args.references,
                        ),
                        _container(
                            job.UPLOAD,
                            dump_upload.IMAGE,
                            (shell, flag, f"{_WAIT}\n{script}"),
                            {dump_upload.BUCKET: args.bucket},
                            {},
                        ),
                    ],
                )
            ),
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[*identity.ready, may_add, site.network.peering]
            ),
        )

    def _schedule(
        self,
        args: DumpJobArgs,
        run: cloudrunv2.Job,
        identity: Identity,
        may_run: pulumi.Resource,
    ) -> None:
        place = self._site.place
        cloudscheduler.Job(
            self._name,
            description=f"Dumps the database to the bucket of {self._name}",
            region=place.region,
            schedule=cron(args.schedule.starts),
            time_zone="Etc/UTC",
            retry_config=cloudscheduler.JobRetryConfigArgs(retry_count=5),
            http_target=cloudscheduler.JobHttpTargetArgs(
                http_method="POST",
                uri=run.name.apply(
                    lambda named: (
                        f"https://run.googleapis.com/v2/{place.located(f'jobs/{named}')}:run"
                    )
                ),
                oauth_token=cloudscheduler.JobHttpTargetOauthTokenArgs(
                    service_account_email=identity.email
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[may_run]),
        )


def _container(
    name: str,
    image: str,
    command: tuple[str, str, str],
    environment: Mapping[str, pulumi.Input[str]],
    references: Mapping[str, Reference],
) -> cloudrunv2.JobTemplateTemplateContainerArgs:
    shell, flag, script = command
    return cloudrunv2.JobTemplateTemplateContainerArgs(
        name=name,
        image=image,
        commands=[shell],
        args=[flag, script],
        envs=containers.entries(environment, references),
        resources=cloudrunv2.JobTemplateTemplateContainerResourcesArgs(
            limits=containers.limits(job.VCPUS, job.MEMORY_MIB // DUMP_CONTAINERS)
        ),
        volume_mounts=[
            cloudrunv2.JobTemplateTemplateContainerVolumeMountArgs(
                name=_SCRATCH, mount_path=job.SCRATCH
            )
        ],
    )
