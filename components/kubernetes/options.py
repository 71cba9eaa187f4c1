"""What only a cluster's owner can tell, under `letta:kubernetes` of a stack file."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from components.args import Args
from components.args.base import Cidr

NAME = r"^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$"
"""Name of an object of Kubernetes (RFC 1123 subdomain)."""
SECRET_KEY = r"^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/[-._a-zA-Z0-9]{1,253}$"  # noqa: S105
"""`<secret>/<key>`: a value of a Secret in the namespace of the stack."""

OPERATOR_NAMESPACE = "cnpg-system"
"""Where the operator of databases and its plugin run, as both install themselves by default."""


def _namespace(name: str) -> str:
    if name in ("default", OPERATOR_NAMESPACE) or name.startswith("kube-"):
        raise ValueError(
            f"{name!r} is not the stack's alone, and a stack closes its namespace to the network "
            "and takes it along when it is destroyed; give a name that nothing else has"
        )
    return name


def _address(endpoint: str) -> str:
    found = urlsplit(endpoint)
    # A port that is none is told now, and not where it is read.
    found.port  # noqa: B018
    if not found.hostname:
        raise ValueError("it names no host; give one as in https://s3.example.com")
    if "@" in found.netloc:
        raise ValueError(
            "a name and a password in an address are seen by everybody; remove them, and put the "
            "keys into the Secret that access_key_id and secret_access_key name"
        )
    return endpoint


class GatewayOptions(Args):
    """The way in: a controller of the Gateway API that the cluster runs."""

    gateway_class: str = Field(pattern=NAME)
    """GatewayClass of the controller: `kubectl get gatewayclass`."""
    namespace: str = Field(pattern=NAME)
    """Namespace of the pods that forward requests; they alone may call servers."""
    cluster_issuer: str | None = Field(default=None, pattern=NAME)
    """ClusterIssuer of cert-manager that certifies the domain."""
    certificate_secret: str | None = Field(default=None, pattern=NAME)
    """Secret of type `kubernetes.io/tls` in the stack's namespace, in the issuer's place."""

    @model_validator(mode="after")
    def _one_certificate(self) -> GatewayOptions:
        if (self.cluster_issuer is None) == (self.certificate_secret is None):
            raise ValueError(
                "give cluster_issuer (cert-manager certifies the domain) or certificate_secret "
                "(an existing certificate), and only one of them: TLS needs it"
            )
        return self


class ObjectStorageOptions(Args):
    """Object storage that speaks S3: backups and dumps go there."""

    endpoint: Annotated[str, AfterValidator(_address)] = Field(pattern=r"^https?://\S+$")
    """Address of the service; one inside the cluster as `http://<name>.<namespace>.svc:9000`."""
    bucket: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")
    """Bucket that exists. Its versioning, encryption and ageing are its owner's to set."""
    access_key_id: str = Field(pattern=SECRET_KEY)
    """Where the key's id is: `<secret>/<key>` in the stack's namespace."""
    secret_access_key: str = Field(pattern=SECRET_KEY)
    """Where the key is, likewise."""


class PriceOptions(Args):
    """What the cluster costs its owner, USD. Nobody else can tell."""

    vcpu_hour: float = Field(ge=0, le=100, allow_inf_nan=False)
    """One vCPU that is set aside for a pod, an hour."""
    memory_gib_hour: float = Field(ge=0, le=100, allow_inf_nan=False)
    """One GiB of memory that is set aside, an hour."""
    volume_gib_month: float = Field(ge=0, le=100, allow_inf_nan=False)
    """One GiB of a volume, a month."""
    object_gb_month: float = Field(default=0, ge=0, le=100, allow_inf_nan=False)
    """One GB in object storage, a month; 0 where it is paid for elsewhere."""
    egress_gb: float = Field(default=0, ge=0, le=100, allow_inf_nan=False)
    """One GB of traffic to the internet; 0 where it is not metered."""


class KubernetesOptions(Args):
    """The cluster that the stack is a tenant of."""

    namespace: Annotated[str, AfterValidator(_namespace)] | None = Field(
        default=None, pattern=r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"
    )
    """Namespace of the stack and of no other (RFC 1123 label); the name of the deployment,
    `letta-<stack>`, without. Another name moves the stack: all is made anew, databases too."""
    gateway: GatewayOptions
    storage_class: str = Field(pattern=NAME)
    """StorageClass of the database's volumes: encrypted SSD that can grow."""
    object_storage: ObjectStorageOptions
    private_cidrs: tuple[Cidr, ...] = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
    """Address ranges that pods must not call: of nodes, pods and services. Leave out what a model
    endpoint of your own, or object storage by a name of your own, answers in."""
    prices: PriceOptions

    @model_validator(mode="after")
    def _apart_from_the_gateway(self) -> KubernetesOptions:
        if self.namespace == self.gateway.namespace:
            raise ValueError(
                f"namespace {self.namespace!r} is that of the pods of the gateway, which the "
                "stack's policies would cut off; give the stack one of its own"
            )
        return self
