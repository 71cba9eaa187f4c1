"""Logs: the workspace that lines go to, and what is watched in them."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import monitor, operationalinsights

from components.azure import alarm_tables
from components.azure.alarms import search
from components.azure.place import Place
from components.roles import SiteArgs


class Logs(pulumi.ComponentResource):
    """A Log Analytics workspace with a limited retention (requirement O2).

    Everything that logs sends its lines there by a diagnostic setting: no key of the workspace is
    handed to anybody.
    """

    workspace: pulumi.Output[str]
    """Id of the workspace, known at preview."""

    def __init__(
        self,
        name: str,
        args: SiteArgs,
        place: Place,
        group: pulumi.Output[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        days = args.monitoring.log_retention_days
        super().__init__("letta:azure:Logs", name, {"retentionDays": days}, opts)
        workspace = operationalinsights.Workspace(
            name,
            workspace_name=name,
            resource_group_name=place.group,
            location=place.region,
            sku={"name": "PerGB2018"},
            retention_in_days=days,
            # Readers come with their own rights, never with the workspace's key.
            features={
                "disable_local_auth": True,
                "enable_log_access_using_only_resource_permissions": True,
            },
            tags=place.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.workspace = place.of(workspace, f"Microsoft.OperationalInsights/workspaces/{name}")
        self._name = name
        self._place = place
        self._group = group
        self.register_outputs({"workspace": self.workspace})

    def watch(self, source: pulumi.Resource) -> None:
        """Watch the lines of an environment of Container Apps, which `source` sends here."""
        for spec in (alarm_tables.redis_lost(), alarm_tables.restarts()):
            search(self, self._name, spec, self.workspace, self._place, self._group, source)

    def collect(
        self,
        parent: pulumi.Resource,
        name: str,
        resource: pulumi.Input[str],
        categories: tuple[str, ...],
    ) -> pulumi.Resource:
        """Send a resource's log to the workspace, by its id: the categories named. What locks the
        resource waits for it: a lock holds the setting too."""
        return monitor.DiagnosticSetting(
            f"{name}-log",
            name="letta",
            resource_uri=resource,
            workspace_id=self.workspace,
            # A table of its own for each kind of line.
            log_analytics_destination_type="Dedicated",
            logs=[{"category": category, "enabled": True} for category in categories],
            opts=pulumi.ResourceOptions(parent=parent),
        )
