"""Log buckets: who writes to which (requirement O2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

BOOTSTRAP = "bootstrap"
SERVERS = ("api", "worker")
"""Whose log tells of a server without Redis."""
APPLICATION = "app"
"""What the pods of a cluster print."""
SYSTEM = "k8s"
"""What the rest of a cluster prints."""
CLUSTER = (APPLICATION, SYSTEM)
"""Buckets that a cluster makes."""
Kind = Literal["load_balancer", "proxy", "kubernetes"]
STREAMS: Mapping[Kind, tuple[str, ...]] = {
    "load_balancer": (*SERVERS, BOOTSTRAP),
    "proxy": ("api", BOOTSTRAP),
    "kubernetes": (),
}
"""Kind of ingress, or `kubernetes` -> who logs. The bootstrap has a bucket of its own: what runs
there has the administrator's password at hand, and fewer people need to read it."""
RESOURCES: Mapping[str, tuple[str, str, str]] = {
    "api": ("cloud_run_revision", "service_name", "api"),
    "worker": ("cloud_run_revision", "service_name", "work"),
    BOOTSTRAP: ("cloud_run_job", "job_name", "boot"),
}
"""Stream -> type of the monitored resource, its label that holds the name, and the end of that
name (`infra/stack.py` names the roles)."""
