"""Log groups: who writes to which (requirement O2)."""

from __future__ import annotations

from collections.abc import Mapping

from components.aws.flows import Kind

BOOTSTRAP = "bootstrap"
SERVERS = ("api", "worker")
"""Whose log tells of a server without Redis."""
STREAMS: Mapping[Kind, tuple[str, ...]] = {
    "load_balancer": (*SERVERS, BOOTSTRAP),
    "proxy": ("api", "proxy", BOOTSTRAP),
    "kubernetes": (),
}
"""Kind of ingress, or `kubernetes` -> who logs. The bootstrap has a group of its own: what runs
there has the administrator's password at hand, and fewer people need to read it. On Kubernetes
all containers log to the group that the cluster makes for them."""

DATABASE = ("postgresql", "upgrade")
"""What a database server writes, each to a group of its own."""

APPLICATION = "application"
CONTAINER_INSIGHTS = (APPLICATION, "dataplane", "host", "performance")
"""Last parts of the names of the log groups that Container Insights writes (CloudWatch user guide,
"Container Insights logs"); `application` has what containers print."""
