"""Inputs of single resources of the simulated Azure that are nothing wrong with."""

from __future__ import annotations

from typing import Any

from tests.sandbox.azure.estate import TENANT, app, inside

ALERT = "azure-native:monitor:MetricAlert"
QUERY = "azure-native:monitor:ScheduledQueryRule"
TOLD = "azure-native:monitor:ActionGroup"
BUDGET = "azure-native:consumption:Budget"
SCRIPT = "azure-native:resources:AzureCliScript"
WAF = "azure-native:network:WebApplicationFirewallPolicy"
GROUP_RULES = "azure-native:network:NetworkSecurityGroup"
SINGLE = "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria"


def security_rule(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """A rule of a security group."""
    return {
        "name": "a",
        "priority": 100,
        "direction": "Inbound",
        "access": "Allow",
        "protocol": "Tcp",
        "sourcePortRange": "*",
        "sourceAddressPrefix": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": "443",
        **changes,
    }


def metric(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """An alarm on a metric that is nothing wrong with."""
    condition = {
        "criterionType": "StaticThresholdCriterion",
        "name": "a",
        "metricName": "m",
        "operator": "GreaterThan",
        "timeAggregation": "Average",
        "threshold": 1,
        **changes.pop("condition", {}),
    }
    return inside(
        **{
            "ruleName": "a1",
            "enabled": True,
            "severity": 1,
            "scopes": ["/x"],
            "evaluationFrequency": "PT5M",
            "windowSize": "PT15M",
            "criteria": {"odataType": SINGLE, "allOf": [condition]},
            **changes,
        }
    )


def search(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """An alarm on lines of the log that is nothing wrong with."""
    condition = {
        "query": "T",
        "operator": "GreaterThan",
        "threshold": 0,
        "timeAggregation": "Count",
        **changes.pop("condition", {}),
    }
    return inside(
        **{
            "ruleName": "a1",
            "scopes": ["/x"],
            "evaluationFrequency": "PT5M",
            "windowSize": "PT15M",
            "criteria": {"allOf": [condition]},
            **changes,
        }
    )


def waf(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """A policy of a web firewall that is nothing wrong with."""
    base = {"ruleSetType": "OWASP", "ruleSetVersion": "3.2"}
    return inside(**{"policyName": "waf", "managedRules": {"managedRuleSets": [base]}, **changes})


def vault(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """A vault that is nothing wrong with."""
    held = {"sku": {"family": "A", "name": "standard"}, "tenantId": TENANT, **changes}
    return inside(vaultName="letta-tests", properties=held)


def environment(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """An environment of Container Apps."""
    return inside(environmentName="env", **changes)


def premium(count: int, kind: str = "D4") -> dict[str, Any]:
    """An environment with machines for its ingress."""
    profile = {"name": "in", "workloadProfileType": kind, "minimumCount": count, "maximumCount": 4}
    return environment(
        workloadProfiles=[profile],
        ingressConfiguration={"workloadProfileName": "in", "requestIdleTimeout": 15},
    )


def job(**configuration: Any) -> dict[str, Any]:  # noqa: ANN401
    """A job of Container Apps that is nothing wrong with."""
    container = {"name": "c", "image": "x:1", "resources": {"cpu": 0.5, "memory": "1Gi"}}
    return inside(
        jobName="letta-job",
        environmentId="/x",
        configuration={"replicaTimeout": 60, "triggerType": "Manual", **configuration},
        template={"containers": [container]},
    )


def queue(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """A queue."""
    return {"resourceGroupName": "rg", "namespaceName": "n", "queueName": "q", **changes}


def ageing(*rules: dict[str, Any]) -> dict[str, Any]:
    """Rules by which blobs age."""
    return {
        "resourceGroupName": "rg",
        "accountName": "a",
        "managementPolicyName": "default",
        "policy": {"rules": list(rules)},
    }


def aged(**blob: Any) -> dict[str, Any]:  # noqa: ANN401
    """A rule on blobs."""
    return {
        "name": "r",
        "type": "Lifecycle",
        "definition": {"actions": {"baseBlob": blob}, "filters": {"blobTypes": ["blockBlob"]}},
    }


def days(count: int) -> dict[str, int]:
    """An age."""
    return {"daysAfterModificationGreaterThan": count}


def pool(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """A pool of a cluster that is nothing wrong with."""
    return {
        "resourceGroupName": "rg",
        "resourceName": "letta",
        "agentPoolName": "api",
        "vmSize": "Standard_D8s_v5",
        **changes,
    }


def probed(probe: dict[str, Any]) -> dict[str, Any]:
    """An app with a probe."""
    return app(container={"probes": [{"type": "Liveness", "httpGet": {"port": 1}, **probe}]})


def without_nothing(value: Any) -> Any:  # noqa: ANN401  (any JSON)
    """The inputs, without what is None."""
    if isinstance(value, dict):
        return {key: without_nothing(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [without_nothing(each) for each in value]
    return value
