"""Load balancing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sandbox.cloud import Properties
from sandbox.errors import Problem
from sandbox.gcp.checks.links import tail
from sandbox.gcp.cloud import GcpCloud

RULE = "gcp:compute/globalForwardingRule:GlobalForwardingRule"
MAP = "gcp:certificatemanager/certificateMap:CertificateMap"
NAMED_PORT = "gcp:compute/instanceGroupNamedPort:InstanceGroupNamedPort"
NODE_POOL = "gcp:container/nodePool:NodePool"
_IS_GROUP = re.compile(r".*/zones/[^/]+/instanceGroups/[^/]+").fullmatch
_TEMPLATE = re.compile(r"(/([A-Za-z0-9._~-]+|\*|\{[a-z_]+(=[^{}]*)?\}))*(/\*\*|/\{[a-z_]+=\*\*\})?")
MOST_WILDCARDS = 5


def backend_fits(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """A backend without machines has neither health checks nor a port name."""
    serverless = any(
        "/regions/" in group and "/networkEndpointGroups/" in group
        for _, group in properties.find("backends[*].group")
    )
    if serverless and properties["healthChecks"]:
        yield Problem(
            "healthChecks",
            "Error 400: a backend service with a serverless network endpoint group takes none",
        )


def groups_exist(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """Groups of machines are those of node pools, and have a health check before them."""
    groups = [group for _, group in properties.find("backends[*].group") if _IS_GROUP(group)]
    for group in groups:
        yield from _group("backends", group, cloud)
    if groups and not properties["healthChecks"]:
        yield Problem(
            "healthChecks", "Error 400: a backend service of instance groups needs a health check"
        )


def port_is_named(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """Machines are called by a port that the group has a name for."""
    name = properties["portName"]
    for _, group in properties.find("backends[*].group"):
        if _IS_GROUP(group) and not any(
            tail(str(port.get("group"))) == tail(group) and port.get("name") == name
            for port in cloud.all(NAMED_PORT)
        ):
            yield Problem(
                "portName",
                f"the group {tail(group)} has no port named {name!r}: make an "
                "InstanceGroupNamedPort first, and depend on it",
            )


def group_exists(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """The group is one of a node pool, in the zone that is said."""
    group, zone = properties["group"], properties["zone"]
    yield from _group("group", group, cloud)
    if "/zones/" in group and f"/zones/{zone}/" not in group:
        yield Problem("zone", f"Error 404: {tail(group)} is not in {zone}")


def _group(where: str, group: str, cloud: GcpCloud) -> Iterator[Problem]:
    known = [url for pool in cloud.all(NODE_POOL) for url in pool.get("managedInstanceGroupUrls")]
    if not any(tail(url) == tail(group) for url in known):
        yield Problem(where, f"Error 404: The resource {group!r} was not found, notFound")


def interval_holds_an_answer(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """A check has ended before the next one begins."""
    if properties["timeoutSec"] > properties["checkIntervalSec"]:
        yield Problem(
            "timeoutSec",
            f"Error 400: {properties['timeoutSec']} exceeds checkIntervalSec "
            f"{properties['checkIntervalSec']}",
        )


def matchers(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """Every host rule names a matcher, and every matcher has one that names it."""
    given = {name for _, name in properties.find("pathMatchers[*].name")}
    named = {name for _, name in properties.find("hostRules[*].pathMatcher")}
    for name in sorted(named ^ given):
        yield Problem("hostRules", f"path matcher {name} stands on one side only")


def templates(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """A path template has `*` for whole segments and `**` at its end alone (Cloud Load Balancing
    documentation, "Wildcards and pattern matching operators in path templates")."""
    paths = properties.find("pathMatchers[*].routeRules[*].matchRules[*].pathTemplateMatch")
    for _, path in paths:
        if path and (not _TEMPLATE.fullmatch(path) or path.count("*") > MOST_WILDCARDS):
            yield Problem("pathMatchers", f"{path!r} is no path template")


def certificate_map_exists(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """The map of certificates is there, with an entry."""
    given = properties["certificateMap"]
    if given is None:
        return
    path = given.removeprefix("//certificatemanager.googleapis.com/")
    if (
        path.startswith(f"projects/{cloud.project}/")
        and cloud.find(MAP, "name", tail(path)) is None
    ):
        yield Problem("certificateMap", f"Error 404: there is no certificate map {path}")


def port_is_free(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """An address has one rule for a port."""
    for other in cloud.all(RULE):
        same = all(other.get(name) == properties[name] for name in ("ipAddress", "portRange"))
        if same and other.id != properties["id"]:
            yield Problem(
                "portRange",
                f"Error 400: {other.label} listens on that address and port already",
            )
