"""Logs of pods: which of their lines reach the workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
from pulumi_azure_native import monitor

if TYPE_CHECKING:
    from components.azure.site import Site

STREAM = "Microsoft-ContainerLogV2"
"""What containers print; what the agent could count besides is in Azure's own metrics."""
EXTENSION = "ContainerInsightsExtension"
_WORKSPACE = "workspace"


def keep_lines(
    parent: pulumi.Resource, name: str, cluster: pulumi.Output[str], site: Site
) -> pulumi.Resource:
    """Send what containers print to the workspace. `cluster`: its id. Returns what has to be there
    before a line is kept."""
    place = site.place
    child = pulumi.ResourceOptions(parent=parent)
    rule = monitor.DataCollectionRule(
        name,
        data_collection_rule_name=name,
        resource_group_name=place.group,
        location=place.region,
        kind="Linux",
        data_sources=monitor.DataCollectionRuleDataSourcesArgs(
            extensions=[
                monitor.ExtensionDataSourceArgs(
                    name=EXTENSION,
                    extension_name="ContainerInsights",
                    streams=[STREAM],
                    extension_settings={
                        "dataCollectionSettings": {
                            "interval": "1m",
                            "namespaceFilteringMode": "Off",
                            "enableContainerLogV2": True,
                        }
                    },
                )
            ]
        ),
        destinations=monitor.DataCollectionRuleDestinationsArgs(
            log_analytics=[
                monitor.LogAnalyticsDestinationArgs(
                    name=_WORKSPACE, workspace_resource_id=site.logs.workspace
                )
            ]
        ),
        data_flows=[monitor.DataFlowArgs(streams=[STREAM], destinations=[_WORKSPACE])],
        tags=place.tags,
        opts=child,
    )
    return monitor.DataCollectionRuleAssociation(
        name,
        association_name=EXTENSION,
        resource_uri=cluster,
        data_collection_rule_id=place.of(rule, f"Microsoft.Insights/dataCollectionRules/{name}"),
        opts=child,
    )
