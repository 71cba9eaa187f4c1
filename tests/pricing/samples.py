"""One of every kind of thing, priced in us-east-1, for tests that go over all of them."""

from __future__ import annotations

from pricing.inventory import (
    Alarms,
    Bucket,
    CacheNodes,
    ContainerMetrics,
    ControlPlane,
    CustomMetrics,
    Dashboards,
    DatabaseServer,
    DnsZones,
    EmbeddingModel,
    Firewall,
    Functions,
    Keys,
    LanguageModel,
    LoadBalancer,
    LogGroups,
    Machines,
    NatGateways,
    PrivateEndpoints,
    PublicAddresses,
    Queue,
    Secrets,
    ServerlessCopies,
    Thing,
    Volumes,
)
from pricing.span import Span

SAMPLES: tuple[Thing, ...] = (
    Machines(
        component="api",
        type="m5.large",
        count=Span.of(2, 3, 10),
        disk_gib=200,
        disk_type="gp3",
        name="fleet",
    ),
    ServerlessCopies(
        component="worker", vcpus=1, memory_gib=2, count=Span.of(1, 1, 3), name="copies"
    ),
    DatabaseServer(
        component="database",
        type="db.r5.large",
        high_availability=True,
        storage_gib=Span.of(200, 200, 500),
        storage_type="gp3",
        backup_retention_days=14,
        version="16",
        name="primary",
    ),
    CacheNodes(
        component="cache",
        type="cache.t4g.medium",
        count=Span.fixed(2),
        snapshot_retention_days=3,
        name="cache",
    ),
    LoadBalancer(component="ingress", zones=2, name="balancer"),
    PublicAddresses(component="network", count=2, name="addresses"),
    DnsZones(component="network", count=1, name="zone"),
    NatGateways(component="network", count=2, name="gateways"),
    PrivateEndpoints(component="network", count=2, carries_logs=True, name="endpoint"),
    ControlPlane(component="cluster", version="1.35", name="cluster"),
    Firewall(component="ingress", rules=5, managed_groups=1, name="firewall"),
    Bucket(
        component="storage",
        holds="data",
        infrequent_access_days=30,
        archive_days=90,
        name="bucket",
    ),
    Volumes(component="llm", type="gp3", gib=Span.of(0, 100, 300), name="volume"),
    LogGroups(component="monitoring", holds="servers", count=2, retention_days=30, name="group"),
    Secrets(component="secrets", count=5, name="secrets"),
    Keys(component="secrets", count=1, name="key"),
    Alarms(component="monitoring", count=12, name="alarms"),
    CustomMetrics(component="monitoring", count=2, name="metrics"),
    ContainerMetrics(component="monitoring", services=1, detailed=True, name="insights"),
    Dashboards(component="monitoring", count=1, name="dashboard"),
    Queue(component="queue", fifo=False, name="queue"),
    Functions(component="bootstrap", memory_mib=128, count=1, name="function"),
    LanguageModel(component="llm", handle="anthropic/claude-haiku-4-5", name="model"),
    EmbeddingModel(
        component="embedding", handle="openai/text-embedding-3-small", name="embeddings"
    ),
)
