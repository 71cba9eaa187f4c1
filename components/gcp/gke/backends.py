"""Backends: how the load balancer finds the pods of a tier."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi_gcp import compute, container

from components.gcp.load_balancer import CALLERS
from components.gcp.network import Network
from components.letta.environment import HEALTH_PATH

CHECK_SECONDS = 5
"""Interval of the health check, and how long an answer may take."""
UNHEALTHY_AFTER = 2
"""Missed checks after which a node gets no requests: fewer seconds than a leaving pod still takes
them (`components/workloads/servers.py`, `PRE_STOP_SECONDS`)."""


class Nodes(pulumi.ComponentResource):
    """The machines of a pool as a backend: a port with a name, a health check, and a firewall rule
    for whoever calls."""

    groups: tuple[pulumi.Output[str], ...]
    """The groups of machines, one in each zone."""
    port_name: str
    """Name of the port in these groups."""
    health_check: compute.HealthCheck
    ready: tuple[pulumi.Resource, ...]
    """What has to be there before requests come."""

    def __init__(
        self,
        name: str,
        *,
        pool: container.NodePool,
        zones: Sequence[str],
        port: int,
        network: Network,
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("letta:gcp:Nodes", name, {"port": port}, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.port_name = "http"
        self.groups = tuple(
            pool.managed_instance_group_urls[number] for number in range(len(zones))
        )
        named = tuple(
            compute.InstanceGroupNamedPort(
                f"{name}-{zone}",
                group=group,
                zone=zone,
                name=self.port_name,
                port=port,
                opts=child,
            )
            for zone, group in zip(zones, self.groups, strict=True)
        )
        self.health_check = compute.HealthCheck(
            name,
            check_interval_sec=CHECK_SECONDS,
            timeout_sec=CHECK_SECONDS,
            unhealthy_threshold=UNHEALTHY_AFTER,
            http_health_check=compute.HealthCheckHttpHealthCheckArgs(
                port=port, request_path=HEALTH_PATH
            ),
            opts=child,
        )
        admitted = compute.Firewall(
            name,
            network=network.path,
            direction="INGRESS",
            source_ranges=list(CALLERS),
            destination_ranges=[network.servers_cidr],
            allows=[compute.FirewallAllowArgs(protocol="tcp", ports=[str(port)])],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[pool]),
        )
        self.ready = (*named, admitted)
        self.register_outputs({"port": port})
