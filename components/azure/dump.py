"""Dump: the scheduled run that dumps the database to the bucket, on Container Apps."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_azure_native import app

from components.azure import containers
from components.azure.alarm_tables import dump_missing
from components.azure.alarms import search
from components.azure.bucket import CONTAINER
from components.azure.fixed import (
    BLOB_CONTRIBUTOR,
    CONSUMPTION,
    DUMP_MEMORY_MIB,
    DUMP_VCPUS,
)
from components.azure.identity import Identity
from components.azure.place import Place
from components.azure.site import Site
from components.letta import dump as job
from components.roles import DumpJobArgs
from components.workloads.cron import cron

IMAGE = "mcr.microsoft.com/azure-cli:2.80.0"
ATTEMPTS = 2
BUCKET = "DUMP_BUCKET"
IDENTITY = "DUMP_IDENTITY"
_CONTAINERS = "Microsoft.Storage/storageAccounts/blobServices/containers"
_BLOBS = f"{_CONTAINERS}/blobs"
LOGIN = f'az login --identity --resource-id "${IDENTITY}" --output none'
"""Lines of shell before an upload: the token is in no command line."""
UPLOAD = (
    f'az storage blob upload --auth-mode login --account-name "${BUCKET}" '
    f'--container-name {CONTAINER} --file "$file" --name "{job.FOLDER}/${{file##*/}}" '
    "--overwrite --only-show-errors --output none"
)


def condition(account: str) -> str:
    """What the role leaves of its rights: to add to the folder of dumps. It may not read, delete or
    move anything (Azure RBAC documentation, "Azure role assignment condition format")."""
    never = " AND ".join(
        f"!(ActionMatches{{'{_BLOBS}/{action}'}})"
        for action in ("read", "delete", "move/action", "deleteBlobVersion/action")
    )
    writes = " AND ".join(
        f"!(ActionMatches{{'{_BLOBS}/{action}'}})" for action in ("write", "add/action")
    )
    folder = " AND ".join(
        (
            f"@Resource[Microsoft.Storage/storageAccounts:name] StringEquals '{account}'",
            f"@Resource[{_CONTAINERS}:name] StringEquals '{CONTAINER}'",
            f"@Resource[{_BLOBS}:path] StringLike '{job.FOLDER}/*'",
        )
    )
    return f"(({never}) AND (({writes}) OR ({folder})))"


def may_add(identity: Identity, place: Place, account: pulumi.Output[str]) -> None:
    """Let the identity add to the folder of dumps."""
    # Not on the account itself: its lock would hold the assignment too, and neither could go.
    identity.grant("folder", BLOB_CONTRIBUTOR, place.group_id, condition=account.apply(condition))


class Dump(pulumi.ComponentResource):
    """A job of Container Apps with a timetable (requirement S1).

    Its first container has the URI and ends before the second begins, which uploads what the first
    has made; a dump that fails is not uploaded, and the run fails with it.
    """

    def __init__(
        self, name: str, args: DumpJobArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("letta:azure:Dump", name, {"everyHours": args.schedule.every_hours}, opts)
        place = site.place
        child = pulumi.ResourceOptions(parent=self)
        identity = Identity(f"{name}-id", place, child)
        identity.admit(args.references)
        may_add(identity, place, args.bucket)
        shell, flag, script = job.upload_command(UPLOAD)
        dumps = job.dump_command()
        mounts: Any = [{"volume_name": "scratch", "mount_path": job.SCRATCH}]
        app.Job(
            name,
            job_name=name,
            resource_group_name=place.group,
            location=place.region,
            environment_id=site.apps.id,
            workload_profile_name=CONSUMPTION,
            identity=containers.assigned(identity.id),
            configuration={
                "trigger_type": "Schedule",
                "schedule_trigger_config": {
                    "cron_expression": cron(args.schedule.starts),
                    "parallelism": 1,
                    "replica_completion_count": 1,
                },
                "replica_timeout": args.schedule.longest_seconds // ATTEMPTS,
                "replica_retry_limit": ATTEMPTS - 1,
                "secrets": containers.secrets(args.references, identity.id),
                "identity_settings": [{"identity": identity.id, "lifecycle": "Main"}],
            },
            template={
                "init_containers": [
                    {
                        "name": job.DUMP,
                        "image": job.IMAGES[args.engine_version],
                        "command": list(dumps[:1]),
                        "args": list(dumps[1:]),
                        "env": containers.entries(
                            job.dump_environment(args.schedule), args.references
                        ),
                        "resources": containers.limits(DUMP_VCPUS, DUMP_MEMORY_MIB),
                        "volume_mounts": mounts,
                    }
                ],
                "containers": [
                    {
                        "name": job.UPLOAD,
                        "image": IMAGE,
                        "command": [shell],
                        "args": [flag, f"{LOGIN}\n{script}"],
                        "env": containers.entries({BUCKET: args.bucket, IDENTITY: identity.id}, {}),
                        "resources": containers.limits(DUMP_VCPUS, DUMP_MEMORY_MIB),
                        "volume_mounts": mounts,
                    }
                ],
                "volumes": [{"name": "scratch", "storage_type": "EmptyDir"}],
            },
            tags=place.tags,
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[*identity.ready, *site.apps.ready]
            ),
        )
        search(
            self,
            name,
            dump_missing(f"ContainerAppConsoleLogs\n| where JobName == '{name}'", args.schedule),
            site.logs.workspace,
            place,
            site.alerts.group,
        )
        self.register_outputs({})
