"""Bootstrap on EKS: the Job, on the nodes that are there before any server."""

from __future__ import annotations

import pulumi

from components.aws.site import Site
from components.roles import ServerArgs
from components.workloads.bootstrap import BootstrapJob
from components.workloads.cluster import BASE_PLACEMENT


class KubernetesBootstrap(BootstrapJob):
    """The bootstrap, in the site's cluster."""

    def __init__(
        self, name: str, args: ServerArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        if site.kubernetes is None:
            raise ValueError(f"{name}: the site has no cluster; the settings refuse this")
        super().__init__(name, args, site.kubernetes.workloads, BASE_PLACEMENT, opts)
