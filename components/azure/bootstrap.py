"""Bootstrap: the one run that prepares the database before any server starts."""

from __future__ import annotations

import hashlib

import pulumi
from pulumi_azure_native import app, resources

from components.azure import containers
from components.azure.fixed import CLI_VERSION, CONSUMPTION, GRANT_SECONDS, JOBS_OPERATOR
from components.azure.identity import Identity
from components.azure.site import Site
from components.letta import bootstrap as job
from components.letta.environment import HOME
from components.roles import ServerArgs

TOKEN_DIGITS = 8
"""Length of what a run is told from the one before by."""
API_VERSION = "2025-01-01"
"""Version of the management API that the script asks (the SDK's default for jobs)."""
START_SECONDS = 600 + GRANT_SECONDS
"""What starting a container, and being let in, may take beyond the run itself."""
_SCRIPT = f"""\
set -euo pipefail
at="https://management.azure.com$JOB"
until name=$(az rest --method post --url "$at/start?api-version={API_VERSION}" \\
  --query name --output tsv); do
  [ "$SECONDS" -lt {GRANT_SECONDS} ]
  sleep 15
done
until [ "${{status:-Running}}" != Running ]; do
  sleep 5
  status=$(az rest --method get --url "$at/executions/$name?api-version={API_VERSION}" \\
    --query properties.status --output tsv) || status=Unknown
  case "$status" in Processing | Unknown) status=Running ;; esac
done
echo "$name: $status"
[ "$status" = Succeeded ]
"""
"""Starts the job and waits for the end of that run, as the job's own log cannot."""


class Bootstrap(pulumi.ComponentResource):
    """A job of Container Apps, and a deployment script that runs it and waits.

    The job runs inside the network, where the database is; the script speaks to Azure's management
    alone, and may start this job and nothing else. It runs again whenever its image, its script or
    a value that it reads has changed.
    """

    done: pulumi.Resource
    """There once the run ended well."""

    def __init__(
        self, name: str, args: ServerArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("letta:azure:Bootstrap", name, {"image": args.image}, opts)
        child = pulumi.ResourceOptions(parent=self)
        place = site.place
        identity = Identity(f"{name}-id", place, child)
        identity.admit(args.references)
        command = job.command()
        found = app.Job(
            name,
            job_name=name,
            resource_group_name=place.group,
            location=place.region,
            environment_id=site.apps.id,
            workload_profile_name=CONSUMPTION,
            identity=containers.assigned(identity.id),
            configuration={
                "trigger_type": "Manual",
                "replica_timeout": job.TIMEOUT_SECONDS,
                "replica_retry_limit": 0,
                "manual_trigger_config": {"parallelism": 1, "replica_completion_count": 1},
                "secrets": containers.secrets(args.references, identity.id),
                "identity_settings": containers.out_of_reach(identity.id),
            },
            template={
                "containers": [
                    {
                        "name": "bootstrap",
                        "image": args.image,
                        "command": list(command[:1]),
                        "args": list(command[1:]),
                        "env": containers.variables(args),
                        "resources": containers.limits(job.VCPUS, job.MEMORY_MIB),
                        "volume_mounts": [{"volume_name": "home", "mount_path": HOME}],
                    }
                ],
                "volumes": [{"name": "home", "storage_type": "EmptyDir"}],
            },
            tags=place.tags,
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[*identity.ready, *site.apps.ready]
            ),
        )
        runner = Identity(f"{name}-run", place, child)
        path = place.of(found, f"Microsoft.App/jobs/{name}")
        runner.grant("job", JOBS_OPERATOR, path)
        revisions = [reference.revision for _, reference in sorted(args.references.items())]
        self.done = resources.AzureCliScript(
            f"{name}-run",
            script_name=f"{name}-run",
            resource_group_name=place.group,
            location=place.region,
            kind="AzureCLI",
            az_cli_version=CLI_VERSION,
            script_content=_SCRIPT,
            environment_variables=[{"name": "JOB", "value": path}],
            force_update_tag=pulumi.Output.all(*revisions).apply(
                lambda versions: _token(args.image, *command, *versions)
            ),
            identity={"type": "UserAssigned", "user_assigned_identities": [runner.id]},
            timeout=f"PT{job.TIMEOUT_SECONDS + START_SECONDS}S",
            retention_interval="P1D",
            cleanup_preference="OnSuccess",
            tags=place.tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(runner.granted)),
        )
        self.register_outputs({})


def _token(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:TOKEN_DIGITS]
