"""The contract between the assembly and the clouds: one constructor per role.

A cloud is a package with one file per role that ends in `PLATFORM = Platform(...)`
(`components/<cloud>/platform.py`). What is peculiar to a cloud stays opaque to the
assembly through two type variables, so the one assembly is checked by type and never
looks inside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Literal, Protocol, TypeVar

from components.args import (
    ApiArgs,
    Args,
    BucketArgs,
    CacheArgs,
    ControlPlaneArgs,
    DatabaseArgs,
    DumpArgs,
    EmbeddingArgs,
    IngressArgs,
    LlmArgs,
    MonitoringArgs,
    QueueArgs,
    WorkerArgs,
)
from components.offer import Feature

if TYPE_CHECKING:
    import pulumi

SiteT = TypeVar("SiteT", bound="Site")
"""What all roles of a stack stand on: network, key, secret store, logs, alerts, cluster."""
IngressT = TypeVar("IngressT", bound="Ingress")
"""The way in, as far as a tier must know it to register with it."""


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A value that a container's runtime fetches from the cloud's store when it starts."""

    name: pulumi.Output[str]
    """What the runtime resolves, known at preview (AWS: an ARN without random suffix)."""
    readable: pulumi.Output[str]
    """What the runtime's role must be allowed to read (AWS: an ARN or ARN pattern)."""
    revision: pulumi.Output[str]
    """Changes whenever the value does, and is there once the value is stored: what uses it
    starts afterwards, and again after a rotation (AWS: the version id)."""
    kind: Literal["secret", "parameter"] = "secret"
    """Whether it lies in the store of secrets or in that of plain parameters."""
    property: str | None = None
    """Key within a JSON value; the whole value without."""


@dataclass(frozen=True, kw_only=True)
class SidecarArgs:
    """A container that has to run beside a server."""

    name: str
    image: str
    command: tuple[str, ...]
    port: int
    """TCP port it listens on."""
    memory_mib: int
    """Memory limit, MiB."""
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Plain variables."""
    references: Mapping[str, Reference] = field(default_factory=dict)
    """Variables resolved from the store when the container starts."""
    check: tuple[str, ...] = ()
    """Command that ends well once it answers."""
    upstream_port: int | None = None
    """Port of the store that it stands before, which every copy may have one of; none: it is the
    store itself, and there is a single copy."""


@dataclass(frozen=True, kw_only=True)
class NodePool:
    """A group of equal machines of a Kubernetes cluster, for one role."""

    role: str
    """Who alone runs there: `api`, `worker`, `embedding`, `llm`. The pool `api` also takes the
    cluster's own controllers."""
    instance_type: str
    """The cloud's name of the machine."""
    initial: int
    """Machines at creation."""
    minimum: int
    """Fewest machines."""
    maximum: int
    """Most machines."""
    disk_gib: int
    """Encrypted disk of each machine, GiB."""
    spot: bool = False
    """Whether the cloud may take the machines back at short notice."""
    gpus: int = 0
    """GPUs of each machine."""
    one_zone: bool = False
    """Whether all machines stand in one zone: for pods that return to their volumes."""
    close_together: bool = False
    """Whether they stand in one zone and close together: for a server across machines."""
    local_storage: bool = False
    """Whether the machine's own NVMe disks hold the pods' ephemeral files."""


@dataclass(frozen=True, kw_only=True)
class KubernetesArgs:
    """The cluster that a site holds where servers run on Kubernetes."""

    control_plane: ControlPlaneArgs
    pool: NodePool
    """The pool `api`, which is there before any workload."""
    features: frozenset[Feature]


@dataclass(frozen=True, kw_only=True)
class SiteArgs:
    """What the site is built from."""

    ingress: IngressArgs
    """Address range, zones and NAT; whether one instance itself faces the internet."""
    monitoring: MonitoringArgs
    """Retention of log groups, receivers of alarms."""
    provider_secrets: Mapping[str, pulumi.Output[str]]
    """Environment variable -> provider key to keep in the store; secret outputs."""
    existing_secrets: Mapping[str, str]
    """Environment variable -> the cloud's name of a secret that exists already."""
    alert_usd: float | None
    """Invoice of the cloud for a month that an alert is set on, USD; none without."""
    region: str = ""
    """The cloud's name of the region, for clouds whose provider does not tell it."""
    routes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Tier -> paths that go to it alone, for a way in that holds all of them at once; whatever is
    not named goes to the API."""
    options: Args | None = None
    """What the stack file says under the cloud's own name, `Catalog.options`."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Tags of every resource, for what the provider does not set by itself."""
    kubernetes: KubernetesArgs | None = None
    """The cluster to build; without it servers run on the cloud's container service."""


@dataclass(frozen=True, kw_only=True)
class ServerArgs:
    """What runs in a tier."""

    image: str
    """Image with a pinned tag."""
    environment: Mapping[str, str]
    """Plain variables."""
    references: Mapping[str, Reference]
    """Variables resolved from the store when the container starts."""
    sidecars: tuple[SidecarArgs, ...] = ()
    """Containers beside the server."""


@dataclass(frozen=True, kw_only=True)
class DumpJobArgs:
    """What dumps the database to the bucket, on schedule (`components/letta/dump.py`)."""

    schedule: DumpArgs
    engine_version: str
    """PostgreSQL major version of the database, and so of the client."""
    references: Mapping[str, Reference]
    """The application's whole URI, by variable."""
    bucket: pulumi.Output[str]
    """Name of the bucket."""


class Site(Protocol):
    """What the assembly itself reads of a site."""

    @property
    def references(self) -> Mapping[str, Reference]:
        """Generated server password and encryption key, and the provider keys, by variable."""

    @property
    def server_password(self) -> pulumi.Output[str]:
        """The generated password that clients send; a secret output."""


class Database(Protocol):
    """A PostgreSQL server with the application's database."""

    @property
    def references(self) -> Mapping[str, Reference]:
        """The application's whole URI, by variable."""

    @property
    def admin_references(self) -> Mapping[str, Reference]:
        """The administrator's whole URI, by variable; for the bootstrap alone."""

    @property
    def address(self) -> pulumi.Output[str]:
        """Host name of the primary, without port."""


class Cache(Protocol):
    """A Redis that speaks plain TCP inside the network."""

    @property
    def environment(self) -> Mapping[str, str]:
        """How a server finds it, where that is known in advance."""

    @property
    def references(self) -> Mapping[str, Reference]:
        """How a server finds it, where it is known only once it exists."""

    @property
    def sidecars(self) -> tuple[SidecarArgs, ...]:
        """The cache itself, where it is a container beside the server."""


class Bucket(Protocol):
    """Object storage."""

    @property
    def bucket(self) -> pulumi.Output[str]:
        """The bucket's name."""


class Queue(Protocol):
    """A queue with dead letters, for the user's workers."""

    @property
    def url(self) -> pulumi.Output[str]:
        """Address that producers and consumers use."""


class Ingress(Protocol):
    """The way in."""

    @property
    def url(self) -> pulumi.Output[str]:
        """Where users reach the API, `https://…`."""

    @property
    def address(self) -> pulumi.Output[str]:
        """Host name or IP address that a DNS record of the domain must point to."""


class Embedding(Protocol):
    """A server of embeddings of the stack's own."""

    @property
    def endpoint(self) -> str:
        """Address inside the network, `http://…/v1`, known in advance and stable."""


class ModelServer(Protocol):
    """A server of language models of the stack's own."""

    @property
    def environment(self) -> Mapping[str, str]:
        """How the application finds it: variable -> address, known in advance and stable, for
        the application writes it down once."""

    @property
    def done(self) -> pulumi.Resource:
        """What a tier depends on: the application asks for the list of models when it starts, and
        not again."""


class Bootstrap(Protocol):
    """The one run that prepares the database before any server starts."""

    @property
    def done(self) -> pulumi.Resource:
        """What a tier depends on, so that it starts afterwards."""


class Tier(Protocol):
    """A running tier."""

    @property
    def service(self) -> pulumi.Output[str]:
        """The cloud's name of the service."""


@dataclass(frozen=True, kw_only=True)
class Platform(Generic[SiteT, IngressT]):
    """One cloud: a constructor per role, each `(name, args, wiring…, opts)`."""

    provider: Callable[
        [str, str, Mapping[str, str], Args | None, pulumi.ResourceOptions],
        pulumi.ProviderResource,
    ]
    """Name, region, tags of every resource, the cloud's own options -> the one provider that all
    roles use."""
    site: Callable[[str, SiteArgs, pulumi.ResourceOptions], SiteT]
    database: Callable[[str, DatabaseArgs, SiteT, pulumi.ResourceOptions], Database]
    cache: Callable[[str, CacheArgs, SiteT, pulumi.ResourceOptions], Cache]
    bucket: Callable[[str, BucketArgs, SiteT, pulumi.ResourceOptions], Bucket]
    queue: Callable[[str, QueueArgs, SiteT, pulumi.ResourceOptions], Queue]
    ingress: Callable[[str, IngressArgs, SiteT, pulumi.ResourceOptions], IngressT]
    bootstrap: Callable[[str, ServerArgs, SiteT, pulumi.ResourceOptions], Bootstrap]
    dump: Callable[[str, DumpJobArgs, SiteT, pulumi.ResourceOptions], pulumi.Resource]
    api: Callable[[str, ApiArgs, ServerArgs, SiteT, IngressT, pulumi.ResourceOptions], Tier]
    worker: Callable[[str, WorkerArgs, ServerArgs, SiteT, IngressT, pulumi.ResourceOptions], Tier]
    embedding: Callable[[str, EmbeddingArgs, SiteT, pulumi.ResourceOptions], Embedding]
    llm: Callable[
        [str, LlmArgs, Mapping[str, Reference], SiteT, pulumi.ResourceOptions], ModelServer
    ]
    """The references hold the access token for gated models, by variable, where there is one."""
