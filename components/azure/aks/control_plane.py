"""Control plane: the AKS cluster itself with the nodes of its own pods, who administers it, its
logs."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pulumi
import yaml
from pulumi_azure_native import authorization, compute, containerservice

from components.args import ControlPlaneArgs
from components.azure import subnets
from components.azure.aks.nodes import SYSTEM, SYSTEM_TAINT, machine
from components.azure.fixed import (
    CLUSTER_ADMIN,
    DISK_KEY_OPERATOR,
    KEY_USER,
    NETWORK_CONTRIBUTOR,
    VAULT_CONTRIBUTOR,
)
from components.azure.identity import Identity
from components.azure.place import after
from components.workloads.servers import GRACE_SECONDS

if TYPE_CHECKING:
    from components.azure.site import Site

LOGS = (
    "kube-apiserver",
    "kube-audit-admin",
    "kube-controller-manager",
    "kube-scheduler",
    "cluster-autoscaler",
    "guard",
)
"""What of the control plane's log is kept: of its audit, whatever changed something (AKS
documentation, "Monitoring data reference")."""
PRINCIPALS = {"user": "User", "group": "Group", "servicePrincipal": "ServicePrincipal"}
"""Kind of a principal in a stack file -> in the directory."""


class ControlPlane(pulumi.ComponentResource):
    """An AKS cluster with machines of its own, which it cannot be made without.

    Its API server has an address in the stack's network: that is how it reaches the key of its
    Secrets, in a vault that nobody outside reaches. For the networks that the stack file names it
    has a public address too; without any it has none. There are no accounts but those of the
    directory, and whoever deploys has rights on the subscription.
    """

    name: pulumi.Output[str]
    """Name of the cluster, known at preview; what takes it waits for the cluster."""
    id: pulumi.Output[str]
    """Its id, known at preview."""
    cluster: containerservice.ManagedCluster
    """The cluster."""
    disk_key: pulumi.Output[str]
    """Id of the set by which disks are encrypted with the stack's key, known at preview."""
    issuer: pulumi.Output[str]
    """Address of whoever signs the tokens of its service accounts."""

    def __init__(
        self,
        name: str,
        args: ControlPlaneArgs,
        site: Site,
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__(
            "letta:azure:ControlPlane",
            name,
            {"version": args.version, "allowedCidrs": list(args.allowed_cidrs)},
            opts,
        )
        self._name = name
        self._site = site
        self._child = pulumi.ResourceOptions(parent=self)
        place = site.place
        self.disk_key = self._disk_key()
        identity = self._identity()
        self.cluster = containerservice.ManagedCluster(
            name,
            resource_name_=name,
            resource_group_name=place.group,
            location=place.region,
            sku={"name": "Base", "tier": "Standard"},
            kubernetes_version=args.version,
            dns_prefix=place.named(name),
            identity=containerservice.ManagedClusterIdentityArgs(
                type=containerservice.ResourceIdentityType.USER_ASSIGNED,
                user_assigned_identities=[identity.id],
            ),
            agent_pool_profiles=[
                containerservice.ManagedClusterAgentPoolProfileArgs(
                    name=SYSTEM.role,
                    mode="System",
                    node_taints=[SYSTEM_TAINT],
                    **machine(SYSTEM, site),
                )
            ],
            disk_encryption_set_id=self.disk_key,
            network_profile=_network(),
            api_server_access_profile=self._access(args),
            disable_local_accounts=True,
            enable_rbac=True,
            aad_profile=containerservice.ManagedClusterAADProfileArgs(
                managed=True, enable_azure_rbac=True, tenant_id=place.tenant
            ),
            oidc_issuer_profile=containerservice.ManagedClusterOIDCIssuerProfileArgs(enabled=True),
            security_profile=self._security(),
            auto_scaler_profile=_autoscaler(),
            auto_upgrade_profile=containerservice.ManagedClusterAutoUpgradeProfileArgs(
                upgrade_channel="patch", node_os_upgrade_channel="NodeImage"
            ),
            addon_profiles={
                "omsagent": containerservice.ManagedClusterAddonProfileArgs(
                    enabled=True,
                    config={
                        "logAnalyticsWorkspaceResourceID": site.logs.workspace,
                        "useAADAuth": "true",
                    },
                )
            },
            tags=place.tags,
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[*identity.ready, *site.secrets.ready]
            ),
        )
        self.name = after(name, self.cluster)
        self.id = place.of(self.cluster, f"Microsoft.ContainerService/managedClusters/{name}")
        self.issuer = self.cluster.oidc_issuer_profile.apply(
            lambda found: str(found.issuer_url) if found else ""
        )
        self._protected = args.deletion_protection
        self._held: list[pulumi.Resource] = [
            *(self._administrator(number, one) for number, one in enumerate(args.admins)),
            site.logs.collect(self, name, self.id, LOGS),
        ]
        self.register_outputs({"name": self.name})

    def lock(self, below: Iterable[pulumi.Resource]) -> None:
        """Keep the cluster from being deleted, where the stack file wants it. The lock holds what
        is below the cluster too, so it comes last and goes first. `below`: what others made
        there."""
        if not self._protected:
            return
        authorization.ManagementLockByScope(
            f"{self._name}-lock",
            lock_name=self._name,
            scope=self.id,
            level="CanNotDelete",
            notes="letta:ingress.control_plane.deletion_protection",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*self._held, *below]),
        )

    def certificate(self) -> pulumi.Output[str]:
        """Certificate of the cluster's authority, in base64. Azure tells it in a kubeconfig alone,
        which holds nothing secret where there are only accounts of the directory."""
        found = containerservice.list_managed_cluster_user_credentials_output(
            # The id, and not the name: there is nobody to ask before the cluster exists.
            resource_name=self.cluster.id.apply(lambda _: self._name),
            resource_group_name=self._site.place.group,
            opts=pulumi.InvokeOptions(parent=self),
        )
        return found.apply(lambda told: _authority(told.kubeconfigs[0].value))

    def _disk_key(self) -> pulumi.Output[str]:
        place, secrets = self._site.place, self._site.secrets
        label = f"{self._name}-disks"
        found = compute.DiskEncryptionSet(
            label,
            disk_encryption_set_name=label,
            resource_group_name=place.group,
            location=place.region,
            encryption_type="EncryptionAtRestWithCustomerKey",
            identity=compute.EncryptionSetIdentityArgs(
                type="UserAssigned", user_assigned_identities=[secrets.encryption.id]
            ),
            active_key=compute.KeyForDiskEncryptionSetArgs(
                key_url=secrets.key_version_url,
                source_vault=compute.SourceVaultArgs(id=secrets.vault_id),
            ),
            rotation_to_latest_key_version_enabled=True,
            tags=place.tags,
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[*secrets.encryption.ready, *secrets.ready]
            ),
        )
        return place.of(found, f"Microsoft.Compute/diskEncryptionSets/{label}")

    def _identity(self) -> Identity:
        """As whom the cluster makes machines, addresses and disks."""
        site = self._site
        found = Identity(f"{self._name}-id", site.place, self._child)
        for use in ("nodes", "control_plane"):
            found.grant(use.replace("_", "-"), NETWORK_CONTRIBUTOR, site.network.subnet(use))
        found.grant("key", KEY_USER, site.secrets.key_id)
        # It gives the vault an address of its own among the machines.
        found.grant("vault", VAULT_CONTRIBUTOR, site.secrets.vault_id)
        found.grant("disks", DISK_KEY_OPERATOR, self.disk_key)
        return found

    def _access(self, args: ControlPlaneArgs) -> Any:  # noqa: ANN401  (the SDK's arguments)
        private = not args.allowed_cidrs
        return containerservice.ManagedClusterAPIServerAccessProfileArgs(
            enable_vnet_integration=True,
            subnet_id=self._site.network.subnet("control_plane"),
            authorized_ip_ranges=list(args.allowed_cidrs) or None,
            enable_private_cluster=private,
            # Its name is known everywhere, and leads into the network alone.
            enable_private_cluster_public_fqdn=True if private else None,
            private_dns_zone="none" if private else None,
            disable_run_command=True,
        )

    def _security(self) -> Any:  # noqa: ANN401  (the SDK's arguments)
        secrets = self._site.secrets
        return containerservice.ManagedClusterSecurityProfileArgs(
            workload_identity=containerservice.ManagedClusterSecurityProfileWorkloadIdentityArgs(
                enabled=True
            ),
            azure_key_vault_kms=containerservice.AzureKeyVaultKmsArgs(
                enabled=True,
                key_id=secrets.key_version_url,
                key_vault_network_access="Private",
                key_vault_resource_id=secrets.vault_id,
            ),
        )

    def _administrator(self, number: int, principal: str) -> pulumi.Resource:
        """`principal`: kind and id in the directory."""
        kind, _, guid = principal.partition(":")
        return authorization.RoleAssignment(
            f"{self._name}-admin-{number + 1}",
            role_definition_id=self._site.place.role(CLUSTER_ADMIN),
            scope=self.id,
            principal_id=guid,
            principal_type=PRINCIPALS[kind],
            opts=self._child,
        )


def _network() -> Any:  # noqa: ANN401  (the SDK's arguments)
    """Pods have addresses of their own, outside the stack's network, and policies are enforced."""
    return containerservice.ContainerServiceNetworkProfileArgs(
        network_plugin="azure",
        network_plugin_mode="overlay",
        network_dataplane="cilium",
        network_policy="cilium",
        pod_cidr=subnets.PODS_CIDR,
        service_cidr=subnets.SERVICES_CIDR,
        dns_service_ip=subnets.DNS_ADDRESS,
        load_balancer_sku="standard",
        outbound_type="userAssignedNATGateway",
    )


def _autoscaler() -> Any:  # noqa: ANN401  (the SDK's arguments)
    return containerservice.ManagedClusterPropertiesAutoScalerProfileArgs(
        expander="least-waste",
        max_graceful_termination_sec=str(GRACE_SECONDS),
        # Every pod of ours has an `emptyDir`, and none keeps anything in it.
        skip_nodes_with_local_storage="false",
        skip_nodes_with_system_pods="false",
    )


def _authority(kubeconfig: str) -> str:
    """The certificate in a kubeconfig, which comes in base64."""
    [cluster] = yaml.safe_load(base64.b64decode(kubeconfig))["clusters"]
    return str(cluster["cluster"]["certificate-authority-data"])
