"""Letta's pods: what its servers and its bootstrap have in common.

Letta 0.16.4 bootstraps a database and serves with just this: a user that the image does not know,
no capabilities, a root file system that it cannot write, and the folders below (tried with its
source and locked packages; a server left 60 KiB in its home and 2 MiB in its work directory).
"""

from __future__ import annotations

from collections.abc import Sequence

from pulumi_kubernetes import core

from components.letta.environment import HOME, WORK
from components.roles import ServerArgs
from components.workloads import pods
from components.workloads.secrets import Secrets

HOME_FOLDER = pods.Folder(name="home", path=HOME, size_gib=4)
"""Environments of tools take most of it; the log file is rotated at some megabytes."""
WORK_FOLDER = pods.Folder(name="work", path=WORK, size_gib=0.25)
TEMPORARY_FOLDER = pods.Folder(name="tmp", path="/tmp", size_gib=2)  # noqa: S108  (a mount point)


def container(
    name: str,
    args: ServerArgs,
    command: Sequence[str],
    secrets: Secrets,
    folders: Sequence[pods.Folder],
    resources: core.v1.ResourceRequirementsArgs,
) -> core.v1.ContainerArgs:
    """A container of Letta's image, past the image's own entry point, which is that of a
    database."""
    return core.v1.ContainerArgs(
        name=name,
        image=args.image,
        image_pull_policy="IfNotPresent",
        command=list(command),
        env=pods.environment({**args.environment, "HOME": HOME}, secrets.environment),
        resources=resources,
        security_context=pods.container_security(),
        volume_mounts=pods.mounts(folders),
    )
