"""Bootstrap on AKS: the Job, on the nodes that are there before any server."""

from __future__ import annotations

import pulumi

from components.azure.site import Site
from components.roles import ServerArgs
from components.workloads.bootstrap import BootstrapJob
from components.workloads.cluster import BASE_PLACEMENT, required


class KubernetesBootstrap(BootstrapJob):
    """The bootstrap, in the site's cluster."""

    def __init__(
        self, name: str, args: ServerArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        workloads = required(name, site.kubernetes).workloads
        super().__init__(name, args, workloads, BASE_PLACEMENT, opts)
