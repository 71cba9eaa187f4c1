"""Where object storage is, and how pods may reach it."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from components.kubernetes.options import ObjectStorageOptions
from components.workloads import network_policies
from components.workloads.cluster import Cluster

_SERVICE = "svc"
"""Third label of the name of a service inside a cluster, `minio.storage.svc.cluster.local`."""

OLDER_SERVICES: Mapping[str, str] = {
    "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
    "AWS_RESPONSE_CHECKSUM_VALIDATION": "when_required",
}
"""Environment of whatever calls it by Amazon's libraries: checksums that these add since 2025 are
refused by services that do not know them (AWS SDKs reference guide, "Data Integrity Protections for
Amazon S3")."""


def port(storage: ObjectStorageOptions) -> int:
    """The port that it answers at."""
    found = urlsplit(storage.endpoint)
    return found.port or (443 if found.scheme == "https" else 80)


def egress(storage: ObjectStorageOptions, cluster: Cluster) -> network_policies.Egress:
    """Let pods call it: pods of its namespace, its own address, or the internet."""
    host = urlsplit(storage.endpoint).hostname or ""
    labels = host.split(".")
    if labels[2:3] == [_SERVICE]:
        # A service's port need not be that of its pods, which is the one that counts.
        return network_policies.allow_to(network_policies.pods_elsewhere(labels[1], {}))
    try:
        peers = network_policies.ranges([f"{ip_address(host)}/32"])
    except ValueError:
        peers = network_policies.internet(cluster)
    return network_policies.allow_to(peers, port(storage))
