"""Bootstrap: the one run that prepares the database before any server starts."""

from __future__ import annotations

import hashlib

import pulumi
from pulumi_gcp import cloudrunv2

from components.gcp import containers
from components.gcp.identity import Identity
from components.gcp.site import Site
from components.letta import bootstrap as job
from components.letta.environment import HOME
from components.roles import ServerArgs

TOKEN_DIGITS = 8
"""Length of what an execution is told from the one before by."""


class Bootstrap(pulumi.ComponentResource):
    """A job of Cloud Run that `pulumi up` runs and waits for.

    It runs inside the network, where the database is, so the operator's machine needs no way
    in. It runs again whenever its image, its script or a value that it reads has changed.
    """

    done: pulumi.Resource
    """There once the run ended well."""

    def __init__(
        self, name: str, args: ServerArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("letta:gcp:Bootstrap", name, {"image": args.image}, opts)
        child = pulumi.ResourceOptions(parent=self)
        identity = Identity(name, site, args.references, child)
        command = job.command()
        revisions = [reference.revision for _, reference in sorted(args.references.items())]
        self.done = cloudrunv2.Job(
            name,
            name=site.named(name),
            location=site.place.region,
            deletion_protection=False,
            template=cloudrunv2.JobTemplateArgs(
                template=cloudrunv2.JobTemplateTemplateArgs(
                    service_account=identity.email,
                    max_retries=0,
                    timeout=f"{job.TIMEOUT_SECONDS}s",
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
                            name="home",
                            empty_dir=cloudrunv2.JobTemplateTemplateVolumeEmptyDirArgs(
                                medium="MEMORY", size_limit="256Mi"
                            ),
                        )
                    ],
                    containers=[
                        cloudrunv2.JobTemplateTemplateContainerArgs(
                            name="bootstrap",
                            image=args.image,
                            commands=list(command[:1]),
                            args=list(command[1:]),
                            envs=containers.variables(args),
                            resources=cloudrunv2.JobTemplateTemplateContainerResourcesArgs(
                                limits=containers.limits(job.VCPUS, job.MEMORY_MIB)
                            ),
                            volume_mounts=[
                                cloudrunv2.JobTemplateTemplateContainerVolumeMountArgs(
                                    name="home", mount_path=HOME
                                )
                            ],
                        )
                    ],
                )
            ),
            # With it, the job is ready only when an execution of that name has ended well.
            run_execution_token=pulumi.Output.all(*revisions).apply(
                lambda found: _token(args.image, *command, *found)
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[*identity.ready, site.network.peering],
                # A run that failed is followed by another only in a new job, of the same name.
                delete_before_replace=True,
            ),
        )
        self.register_outputs({})


def _token(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:TOKEN_DIGITS]
