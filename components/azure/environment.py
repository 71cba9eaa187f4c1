"""Environment: where containers of Container Apps run."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_azure_native import app, privatedns

from components.args import IngressArgs
from components.azure.fixed import (
    CONSUMPTION,
    INGRESS_IDLE_SECONDS,
    INGRESS_NODES,
    INGRESS_PROFILE,
    INGRESS_PROFILE_TYPE,
)
from components.azure.logs import Logs
from components.azure.network import Network
from components.azure.place import Place

LOGS = ("ContainerAppConsoleLogs", "ContainerAppSystemLogs")
TTL_SECONDS = 3600


class Environment(pulumi.ComponentResource):
    """An environment of Container Apps in the stack's network.

    Behind a load balancer it has a private address alone, and stands in every zone. Its own ingress
    cuts a connection after four minutes of silence; a longer limit takes machines for the ingress.
    """

    whole: app.ManagedEnvironment
    """The environment itself, with which all in it goes."""
    id: pulumi.Output[str]
    """Its id, known at preview."""
    domain: pulumi.Output[str]
    """Domain that the apps' host names end in."""
    verification: pulumi.Output[str]
    """What a TXT record must say before an app takes a domain of one's own."""
    ready: tuple[pulumi.Resource, ...]
    """What has to be there before apps find each other's names."""

    def __init__(
        self,
        name: str,
        args: IngressArgs,
        place: Place,
        network: Network,
        logs: Logs,
        opts: pulumi.ResourceOptions,
    ) -> None:
        behind = args.kind == "load_balancer"
        use = "balancer" if behind else "proxy"
        label = f"{name}-{use}"
        super().__init__(
            "letta:azure:Environment",
            name,
            {"internal": behind, "idleTimeoutSeconds": args.idle_timeout_seconds},
            opts,
        )
        environment = app.ManagedEnvironment(
            label,
            environment_name=label,
            resource_group_name=place.group,
            location=place.region,
            vnet_configuration={
                "infrastructure_subnet_id": network.subnet(use),
                "internal": behind,
            },
            public_network_access="Disabled" if behind else "Enabled",
            zone_redundant=True,
            app_logs_configuration={"destination": "azure-monitor"},
            tags=place.tags,
            opts=pulumi.ResourceOptions(parent=self),
            **_ingress(args),
        )
        self.whole = environment
        self.id = place.of(environment, f"Microsoft.App/managedEnvironments/{label}")
        self.domain = environment.default_domain
        self.verification = environment.custom_domain_configuration.apply(
            lambda found: str(found.custom_domain_verification_id) if found else ""
        )
        logs.watch(logs.collect(self, label, self.id, LOGS))
        self.ready = (self._names(label, environment, place, network),) if behind else ()
        self.register_outputs({"id": self.id})

    def _names(
        self, name: str, environment: app.ManagedEnvironment, place: Place, network: Network
    ) -> pulumi.Resource:
        """Host names of the apps, for the network: Azure publishes none of an internal one."""
        path, link = network.private_zone(f"{name}-names", environment.default_domain)
        return privatedns.PrivateRecordSet(
            name,
            relative_record_set_name="*",
            record_type="A",
            private_zone_name=path.apply(lambda found: found.rpartition("/")[2]),
            resource_group_name=place.group,
            ttl=TTL_SECONDS,
            a_records=[{"ipv4_address": environment.static_ip}],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[link]),
        )


def _ingress(args: IngressArgs) -> dict[str, Any]:
    """Workload profiles and ingress: machines for it only where its own limit is too short."""
    profiles: list[dict[str, Any]] = [{"name": CONSUMPTION, "workload_profile_type": CONSUMPTION}]
    if args.idle_timeout_seconds <= INGRESS_IDLE_SECONDS:
        return {"workload_profiles": profiles}
    profiles.append(
        {
            "name": INGRESS_PROFILE,
            "workload_profile_type": INGRESS_PROFILE_TYPE,
            "minimum_count": INGRESS_NODES,
            "maximum_count": INGRESS_NODES,
        }
    )
    return {
        "workload_profiles": profiles,
        "ingress_configuration": {
            "workload_profile_name": INGRESS_PROFILE,
            "scale": {"min_replicas": INGRESS_NODES, "max_replicas": INGRESS_NODES},
            "request_idle_timeout": args.idle_timeout_seconds // 60,
        },
    }
