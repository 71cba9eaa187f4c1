"""Control plane: the EKS cluster itself, who administers it, and its logs."""

from __future__ import annotations

import hashlib
import ipaddress
from typing import TYPE_CHECKING

import pulumi
from pulumi_aws import eks, get_caller_identity, iam

from components.args import ControlPlaneArgs
from components.aws.iam import service_role, trust

if TYPE_CHECKING:
    from components.aws.ground import Ground

LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
"""All that a control plane writes (EKS user guide, "Send control plane logs to CloudWatch")."""
EXTENDED_SUPPORT = frozenset({"1.32", "1.33"})
"""Versions of `ControlPlaneArgs.version` whose standard support has ended; they cost six times as
much an hour, and no version falls into that by itself (EKS user guide, "Kubernetes version
lifecycle": 1.32 until 2026-03-23, 1.33 until 2026-07-29, 1.34 until 2026-12-02, 1.35 until
2027-03-27)."""
LEAST_ZONES = 2
"""Zones that a control plane must span (EKS user guide, "VPC and subnet requirements")."""
SERVICE_RANGES = ("172.20.0.0/16", "10.100.0.0/16")
"""Addresses for services inside the cluster: what EKS itself takes, of which one is outside any
network."""
ADMIN_POLICY = "AmazonEKSClusterAdminPolicy"


class ControlPlane(pulumi.ComponentResource):
    """An EKS cluster without nodes.

    Its name is that of its role, which the provider chooses at preview: so it is known at preview,
    unlike any other, and the log group that EKS would make without retention or key can be made
    first.

    Whoever creates the stack administers the cluster, by the IAM role or user behind the session.
    The engine remembers who that was: another deployer makes no difference, but has to be among
    `admins` to reach the cluster. AWS refuses `admins` that name the creator again.
    """

    name: pulumi.Output[str]
    """Name of the cluster, known at preview; waits for nothing."""
    arn: pulumi.Output[str]
    """ARN as it follows from the name, known at preview; waits for nothing."""
    cluster: eks.Cluster
    """The cluster."""
    access: tuple[pulumi.Resource, ...]
    """What has to be there before the administrators can do anything in the cluster."""
    security_group_id: pulumi.Output[str]
    """The group that EKS makes: control plane and nodes reach each other in it."""
    services: str
    """Addresses of services inside the cluster."""
    log_group: pulumi.Output[str]
    """Name of the log group, known at preview."""

    def __init__(
        self, name: str, args: ControlPlaneArgs, site: Ground, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__(
            "letta:aws:ControlPlane",
            name,
            {"version": args.version, "allowedCidrs": list(args.allowed_cidrs)},
            opts,
        )
        network, place = site.network, site.place
        self._child = pulumi.ResourceOptions(parent=self)
        self._partition = place.partition
        if len(network.private_subnet_ids) < LEAST_ZONES:
            raise pulumi.RunError(
                f"Kubernetes nodes need private subnets in {LEAST_ZONES} zones, and there are "
                f"{len(network.private_subnet_ids)}: set ingress.zones to at least {LEAST_ZONES} "
                "and ingress.nat to single or per_zone"
            )
        role = service_role(
            self,
            name,
            place,
            trust(
                "eks.amazonaws.com",
                {
                    "StringEquals": {"aws:SourceAccount": place.account},
                    "ArnLike": {"aws:SourceArn": place.arn("eks", "cluster/*")},
                },
            ),
            ("AmazonEKSClusterPolicy",),
        )
        self.name = role.planned_name
        self.arn = self.name.apply(lambda named: place.arn("eks", f"cluster/{named}"))
        self.services = service_range(network.cidr)
        logs = site.logs.group(
            self, f"{name}-logs", pulumi.Output.concat("/aws/eks/", self.name, "/cluster")
        )
        self.log_group = logs.name
        self.cluster = eks.Cluster(
            name,
            name=self.name,
            version=args.version,
            role_arn=role.arn,
            vpc_config=eks.ClusterVpcConfigArgs(
                subnet_ids=list(network.private_subnet_ids),
                endpoint_private_access=True,
                endpoint_public_access=bool(args.allowed_cidrs),
                public_access_cidrs=list(args.allowed_cidrs) or None,
            ),
            kubernetes_network_config=eks.ClusterKubernetesNetworkConfigArgs(
                ip_family="ipv4", service_ipv4_cidr=self.services
            ),
            access_config=eks.ClusterAccessConfigArgs(
                authentication_mode="API",
                # An entry that no state knows of could not be taken back.
                bootstrap_cluster_creator_admin_permissions=False,
            ),
            encryption_config=eks.ClusterEncryptionConfigArgs(
                provider=eks.ClusterEncryptionConfigProviderArgs(key_arn=site.secrets.key_arn),
                resources=["secrets"],
            ),
            enabled_cluster_log_types=list(LOG_TYPES),
            upgrade_policy=eks.ClusterUpgradePolicyArgs(
                support_type="EXTENDED" if args.version in EXTENDED_SUPPORT else "STANDARD"
            ),
            # Lets AWS or an operator take a failing zone out with one call.
            zonal_shift_config=eks.ClusterZonalShiftConfigArgs(enabled=True),
            # The add-ons below are stated one by one; unmanaged copies would be in their way.
            bootstrap_self_managed_addons=False,
            deletion_protection=args.deletion_protection,
            opts=pulumi.ResourceOptions.merge(
                self._child, pulumi.ResourceOptions(depends_on=[logs])
            ),
        )
        self.security_group_id = self.cluster.vpc_config.cluster_security_group_id.apply(str)
        self.access = (
            self._administrator(f"{name}-creator", _creator(self), creator=True),
            *(
                self._administrator(
                    f"{name}-{hashlib.sha256(arn.encode()).hexdigest()[:8]}", arn, creator=False
                )
                for arn in args.admins
            ),
        )
        self.register_outputs({"name": self.name})

    def _administrator(
        self, name: str, principal_arn: str, *, creator: bool
    ) -> eks.AccessPolicyAssociation:
        opts = pulumi.ResourceOptions(
            parent=self, ignore_changes=["principalArn"] if creator else None
        )
        entry = eks.AccessEntry(
            name,
            cluster_name=self.cluster.name,
            principal_arn=principal_arn,
            type="STANDARD",
            opts=opts,
        )
        return eks.AccessPolicyAssociation(
            name,
            cluster_name=self.cluster.name,
            principal_arn=entry.principal_arn,
            policy_arn=f"arn:{self._partition}:eks::aws:cluster-access-policy/{ADMIN_POLICY}",
            access_scope=eks.AccessPolicyAssociationAccessScopeArgs(type="cluster"),
            opts=opts,
        )


def service_range(network: str) -> str:
    """The first of `SERVICE_RANGES` that the network's addresses do not overlap."""
    taken = ipaddress.IPv4Network(network)
    return next(each for each in SERVICE_RANGES if not taken.overlaps(ipaddress.IPv4Network(each)))


def _creator(parent: pulumi.Resource) -> str:
    """ARN of the role or user behind the session that deploys."""
    lookup = pulumi.InvokeOptions(parent=parent)
    return iam.get_session_context(arn=get_caller_identity(opts=lookup).arn, opts=lookup).issuer_arn
