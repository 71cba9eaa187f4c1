"""The site: the namespace of the stack in a cluster that exists, and its secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.kubernetes.options import KubernetesOptions
from components.kubernetes.secrets import Secrets
from components.roles import Reference, SiteArgs
from components.workloads.cluster import Cluster, Placement
from components.workloads.namespaces import workloads_namespace

ANYWHERE_IN_CLUSTER = Placement(node_selector={}, tolerations=())
"""Pods go where there is room: the machines are the cluster owner's to set apart."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """What the roles of one stack stand on."""

    options: KubernetesOptions
    secrets: Secrets
    cluster: Cluster
    """The cluster as workloads see it."""

    def folder(self, name: str) -> str:
        """Where a role writes in the bucket, which several stacks may share."""
        return f"{self.cluster.namespace}/{name}"

    @property
    def references(self) -> Mapping[str, Reference]:
        """Generated server password and encryption key, and the provider keys, by variable."""
        return self.secrets.references

    @property
    def server_password(self) -> pulumi.Output[str]:
        """The generated password that clients send; a secret output."""
        return self.secrets.server_password


def site(name: str, args: SiteArgs, opts: pulumi.ResourceOptions) -> Site:
    """Make the namespace, closed to the network but for DNS, and the secrets in it.

    `opts` must hold the parent and the provider of the stack.
    """
    if not isinstance(args.options, KubernetesOptions) or opts.parent is None:
        raise ValueError("the settings give options of Kubernetes, and the assembly a parent")
    providers = opts.providers if isinstance(opts.providers, list) else []
    # Stacks share the cluster, so each has a namespace that bears its own name.
    namespace = args.options.namespace or name
    made = workloads_namespace(opts.parent, name, called=namespace, opts=opts)
    ready = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=list(made)))
    return Site(
        options=args.options,
        secrets=Secrets(f"{name}-secrets", args, ready, namespace=namespace),
        cluster=Cluster(
            provider=providers[0],
            remote_key=None,
            ready=made,
            callers=(),
            stores=(),
            private=args.options.private_cidrs,
            namespace=namespace,
        ),
    )
