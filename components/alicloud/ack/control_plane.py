"""Control plane: the ACK cluster itself, who administers it, and its logs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi_alicloud import cs

from components.account import once
from components.alicloud import subnets
from components.alicloud.fixed import CLUSTER_EDITION
from components.alicloud.ground import Ground
from components.args import ControlPlaneArgs

LOG_COMPONENTS = ("apiserver", "kcm", "scheduler", "ccm")
"""What of a control plane writes logs (provider documentation, `control_plane_log_components`)."""
NETWORK = "terway-eniip"
"""The network plug-in: each pod has an address of the network."""
CREDENTIAL_MINUTES = 15
"""How long the client's key is good for that comes along with the certificate: the least (provider
documentation, `alicloud_cs_cluster_credential`)."""
_NUMBER = re.compile(r"\d+")


class ControlPlane(pulumi.ComponentResource):
    """An ACK cluster without machines.

    Its Secrets are encrypted with the stack's key. No certificate of a client is read, so none is
    in the state: whoever deploys signs in by RAM.
    """

    name: pulumi.Output[str]
    """Name of the cluster, known at preview."""
    id: pulumi.Output[str]
    cluster: cs.ManagedKubernetes
    services: str
    """Addresses of services inside the cluster."""
    access: tuple[pulumi.Resource, ...]
    """What has to be there before the administrators can do anything in the cluster."""

    def __init__(
        self, name: str, args: ControlPlaneArgs, site: Ground, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__(
            "letta:alicloud:ControlPlane",
            name,
            {"version": args.version},
            opts,
        )
        network, logs = site.network, site.logs
        self.services = subnets.services(network.cidr)
        self.cluster = cs.ManagedKubernetes(
            name,
            cluster_spec=CLUSTER_EDITION,
            version=_newest(args.version, site, self),
            vswitch_ids=list(network.node_switches),
            pod_vswitch_ids=list(network.pod_switches),
            service_cidr=self.services,
            security_group_id=network.security_group_id,
            # Kubernetes gives up ipvs, and another mode is another cluster.
            proxy_mode="iptables",
            # The network has its own.
            new_nat_gateway=False,
            # An address outside would be open to everybody: it has no list of networks.
            slb_internet_enabled=False,
            disable_encryption=False,
            encryption_provider_key=site.key.id,
            deletion_protection=args.deletion_protection,
            # Else a client's key would be in the state.
            skip_set_certificate_authority=True,
            addons=[_addon(*each) for each in _addons(logs.project)],
            control_plane_log_project=logs.project,
            control_plane_log_ttl=str(logs.retention_days),
            control_plane_log_components=list(LOG_COMPONENTS),
            audit_log_config=cs.ManagedKubernetesAuditLogConfigArgs(
                enabled=True, sls_project_name=logs.project
            ),
            tags=site.place.tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(network.ready)),
        )
        self.name = self.cluster.name
        self.id = self.cluster.id
        self.access = tuple(self._administrator(name, each) for each in args.admins)
        self.register_outputs({"name": self.name})

    def _administrator(self, name: str, principal: str) -> cs.KubernetesPermission:
        """`principal`: `role/<id>` or `user/<id>`."""
        kind, _, number = principal.partition("/")
        return cs.KubernetesPermission(
            f"{name}-{kind}-{number}",
            uid=number,
            permissions=[
                cs.KubernetesPermissionPermissionArgs(
                    cluster=self.id,
                    role_type="cluster",
                    role_name="admin",
                    is_custom=False,
                    is_ram_role=kind == "role",
                )
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )

    def certificate(self) -> pulumi.Output[str]:
        """Certificate of the cluster's authority, in base64; of what the cloud hands out, nothing
        else is used."""
        found = cs.get_cluster_credential_output(
            cluster_id=self.id,
            # The rest of what is handed out is a client's key: it soon ends.
            temporary_duration_minutes=CREDENTIAL_MINUTES,
            opts=pulumi.InvokeOptions(parent=self),
        )
        return found.certificate_authorities.apply(lambda found: str(found[0].cluster_cert))


def _newest(minor: str, site: Ground, parent: pulumi.Resource) -> str | None:
    """The newest version that ACK offers of a minor one, such as `1.35.2-aliyun.1`.

    None where ACK has given the minor one up: a cluster that runs it keeps what it has. A new one
    would get whatever ACK chooses, and since nobody knows that at preview, rules refuse it.
    Raises `pulumi.RunError` where ACK does not offer it yet.
    """
    found = once(
        ("versions of ACK", site.place.region),
        lambda: cs.get_kubernetes_version(
            cluster_type="ManagedKubernetes",
            profile="Default",
            opts=pulumi.InvokeOptions(parent=parent),
        ),
    )
    offered = sorted((str(each.version) for each in found.metadatas), key=_numbers)
    fitting = [each for each in offered if each.startswith(f"{minor}.")]
    if fitting:
        return fitting[-1]
    told = f"ACK offers no {minor} in {site.place.region}; it offers {', '.join(offered) or 'none'}"
    if not offered or _numbers(minor) > _numbers(offered[0]):
        raise pulumi.RunError(f"letta:ingress.control_plane.version: {told}: choose one of these")
    pulumi.log.warn(
        f"letta:ingress.control_plane.version: {told}: the cluster keeps the version that it has; "
        "go up one minor version at a time",
        resource=parent,
    )
    return None


def _numbers(version: str) -> list[int]:
    return [int(part) for part in _NUMBER.findall(version)]


def _addons(project: pulumi.Output[str]) -> Sequence[tuple[str, Mapping[str, Any] | None, bool]]:
    """Name, settings and whether it is left out, of the programs that ACK itself installs. They are
    chosen once, when the cluster is made."""
    return (
        (NETWORK, {"NetworkPolicy": "true", "ENITrunking": "false"}, False),
        ("csi-plugin", None, False),
        ("csi-provisioner", None, False),
        ("metrics-server", None, False),
        (
            "loongcollector",
            {"IngressDashboardEnabled": "false", "sls_project_name": project},
            False,
        ),
        ("ack-node-problem-detector", {"sls_project_name": project}, False),
        # The way in is the stack's own load balancer.
        ("nginx-ingress-controller", None, True),
        ("arms-prometheus", None, True),
    )


def _addon(
    name: str, config: Mapping[str, Any] | None, disabled: bool
) -> cs.ManagedKubernetesAddonArgs:
    return cs.ManagedKubernetesAddonArgs(
        name=name,
        config=pulumi.Output.json_dumps(config) if config else None,
        disabled=disabled,
    )
