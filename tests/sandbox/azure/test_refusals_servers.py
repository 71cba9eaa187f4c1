"""What the simulated Azure refuses of networks and servers at preview, as the real one does at the
end."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.azure import estate
from tests.sandbox.azure.estate import app, cluster, gateway, inside, lines
from tests.sandbox.azure.inputs import (
    GROUP_RULES,
    SCRIPT,
    WAF,
    environment,
    job,
    pool,
    premium,
    probed,
    security_rule,
    waf,
    without_nothing,
)
from tests.sandbox.engine import Engine

ASKED = [
    (estate.NETWORK, inside(addressSpace={"addressPrefixes": ["10.0.0.1/16"]}), "host bits set"),
    (
        estate.NETWORK,
        inside(addressSpace={"addressPrefixes": ["10.0.0.0/16", "10.0.1.0/24"]}),
        "overlap",
    ),
    (
        estate.SUBNET,
        {"resourceGroupName": "rg", "virtualNetworkName": "net", "addressPrefix": "10.0.0.0/30"},
        "smaller than a /29",
    ),
    (
        estate.SUBNET,
        {
            "resourceGroupName": "rg",
            "virtualNetworkName": "net",
            "addressPrefix": "10.0.0.0/24",
            "delegations": [{"serviceName": "a"}, {"serviceName": "b"}],
        },
        "one delegation",
    ),
    (
        GROUP_RULES,
        inside(securityRules=[security_rule(), security_rule(name="b")]),
        "have the priority 100",
    ),
    (GROUP_RULES, inside(securityRules=[security_rule(destinationPortRange=None)]), "PortRange"),
    (GROUP_RULES, inside(securityRules=[security_rule(priority=50)]), "below the minimum of 100"),
    (
        estate.ADDRESS,
        inside(sku={"name": "Standard"}, publicIPAllocationMethod="Dynamic"),
        "is Static",
    ),
    (estate.ADDRESS, inside(sku={"name": "Basic"}, publicIPAllocationMethod="Static"), "Standard"),
    (estate.GATEWAY, gateway(autoscaleConfiguration=None), "exactly one of sku.capacity"),
    (
        estate.GATEWAY,
        gateway(autoscaleConfiguration={"minCapacity": 5, "maxCapacity": 3}),
        "is below minCapacity",
    ),
    (estate.GATEWAY, gateway(backendAddressPools=[]), "has no part"),
    (
        estate.GATEWAY,
        gateway(frontendPorts=[{"name": "p", "port": 80}, {"name": "p", "port": 81}]),
        "two are called p",
    ),
    (estate.GATEWAY, gateway(firewallPolicy={"id": "/x"}), "goes with the tier WAF_v2"),
    (
        estate.GATEWAY,
        gateway(sslPolicy={"policyType": "Predefined", "policyName": "None2099"}),
        "is no policy",
    ),
    (
        estate.GATEWAY,
        gateway(probes=[{"name": "x", "path": "/", "host": "", "protocol": "Http"}]),
        "exactly one of host",
    ),
    (
        estate.GATEWAY,
        gateway(urlPathMaps=[{"name": "m", "pathRules": [{"name": "x", "paths": ["/a/*/b"]}]}]),
        "at its end alone",
    ),
    (
        estate.GATEWAY,
        gateway(
            backendHttpSettingsCollection=[
                {"name": "h", "port": 80, "protocol": "Http", "requestTimeout": 100_000}
            ]
        ),
        "above the maximum of 86400",
    ),
    (WAF, waf(managedRules={"managedRuleSets": []}), "exactly one of OWASP"),
    (
        WAF,
        waf(managedRules={"managedRuleSets": [{"ruleSetType": "OWASP", "ruleSetVersion": "2.2"}]}),
        "not known here",
    ),
    (
        WAF,
        waf(
            customRules=[
                {
                    "name": "r",
                    "priority": 1,
                    "ruleType": "RateLimitRule",
                    "action": "Block",
                    "matchConditions": [
                        {"operator": "Any", "matchValues": [], "matchVariables": []}
                    ],
                }
            ]
        ),
        "which needs all of them",
    ),
    (WAF, waf(policySettings={"maxRequestBodySizeInKb": 4000}), "above the maximum of 2000"),
    (
        estate.RECORD,
        {"resourceGroupName": "rg", "zoneName": "z", "recordType": "A"},
        "needs aRecords",
    ),
    (
        SCRIPT,
        inside(kind="AzureCLI", azCliVersion="2", scriptContent="x", retentionInterval="P7D"),
        "must be a period of",
    ),
    (
        SCRIPT,
        inside(
            kind="AzureCLI",
            azCliVersion="2",
            scriptContent="x",
            retentionInterval="P1D",
            environmentVariables=[{"name": "A"}],
        ),
        "exactly one of value and secureValue",
    ),
    (estate.ENVIRONMENT, premium(1), "needs 2 nodes"),
    (estate.ENVIRONMENT, premium(2, "E4"), "takes no ingress"),
    (
        estate.ENVIRONMENT,
        environment(ingressConfiguration={"workloadProfileName": "none"}),
        "no workload profile none",
    ),
    (
        estate.ENVIRONMENT,
        environment(
            workloadProfiles=[
                {"name": "c", "workloadProfileType": "Consumption", "minimumCount": 1}
            ]
        ),
        "has no counts",
    ),
    (
        estate.ENVIRONMENT,
        environment(appLogsConfiguration={"destination": "log-analytics"}),
        "needs both",
    ),
    (estate.APP, app(containerAppName="l" * 33), "at most 32"),
    (estate.APP, app(environmentId=None), "needs environmentId"),
    (estate.APP, app(container={"resources": {"cpu": 3, "memory": "2Gi"}}), "none of the pairs"),
    (estate.APP, app(container={"resources": {"cpu": 8, "memory": "16Gi"}}), "none of the pairs"),
    (estate.APP, app(container={"env": [{"name": "A", "secretRef": "s"}]}), "A names s"),
    (
        estate.APP,
        app(container={"env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]}),
        "variable A twice",
    ),
    (
        estate.APP,
        app(configuration={"secrets": [{"name": "s", "keyVaultUrl": "https://x"}]}),
        "none of its identities",
    ),
    (estate.APP, app(configuration={"secrets": [{"name": "s"}]}), "one of value and keyVaultUrl"),
    (estate.APP, probed({"periodSeconds": 300}), "must be between 1 and 240"),
    (estate.APP, probed({"failureThreshold": 20}), "must be between 1 and 10"),
    (estate.APP, probed({"type": "Health"}), "one probe each of"),
    (
        estate.APP,
        app(container={"volumeMounts": [{"volumeName": "v", "mountPath": "/v"}]}),
        "there is no volume v",
    ),
    (
        estate.APP,
        app(template={"scale": {"minReplicas": 5, "maxReplicas": 2}}),
        "above maxReplicas",
    ),
    (
        estate.APP,
        app(
            template={
                "scale": {
                    "minReplicas": 0,
                    "rules": [{"name": "cpu", "custom": {"type": "cpu", "metadata": {}}}],
                }
            }
        ),
        "needs minReplicas of 1",
    ),
    (
        estate.APP,
        app(template={"terminationGracePeriodSeconds": 900}),
        "above the maximum of 600",
    ),
    (
        estate.APP,
        app(
            configuration={
                "ingress": {
                    "targetPort": 1,
                    "customDomains": [{"name": "a", "bindingType": "SniEnabled"}],
                }
            }
        ),
        "goes with SniEnabled",
    ),
    (estate.JOB, job(triggerType="Schedule"), "needs scheduleTriggerConfig"),
    (
        estate.JOB,
        job(triggerType="Schedule", scheduleTriggerConfig={"cronExpression": "every day"}),
        "no schedule of five fields",
    ),
    (
        estate.JOB,
        job(eventTriggerConfig={"parallelism": 1}),
        "goes with manualTriggerConfig alone",
    ),
    (estate.CLUSTER, cluster(pool={"mode": "User"}), "no pool of the mode System"),
    (estate.LINES, lines(streams=["Microsoft-Perf"]), "no source of the rule has the stream"),
    (estate.LINES, lines(destinations=["elsewhere"]), "there is no destination elsewhere"),
    (estate.CLUSTER, cluster(pool={"name": "system-pool"}), "small letters and digits"),
    (estate.CLUSTER, cluster(pool={"vmSize": "Standard_D3s_v5"}), "did you mean"),
    (estate.CLUSTER, cluster(kubernetesVersion="1.20"), "K8sVersionNotSupported"),
    (
        estate.CLUSTER,
        cluster(networkProfile={"networkPlugin": "kubenet"}),
        "kubenet is retired",
    ),
    (
        estate.CLUSTER,
        cluster(networkProfile={"serviceCidr": "10.1.0.0/16", "dnsServiceIP": "10.2.0.10"}),
        "does not lie in",
    ),
    (
        estate.CLUSTER,
        cluster(securityProfile={"workloadIdentity": {"enabled": True}}),
        "needs oidcIssuerProfile",
    ),
    (estate.POOL, pool(agentPoolName="letta-api"), "lower-case letters and digits"),
    (estate.POOL, pool(enableAutoScaling=True, minCount=3, maxCount=2), "a maxCount no smaller"),
    (estate.POOL, pool(scaleSetPriority="Spot", mode="System"), "cannot be of Spot machines"),
    (estate.POOL, pool(vmSize="Standard_ND96isr_H100_v9"), "did you mean"),
]


@pytest.mark.parametrize(("token", "inputs", "words"), ASKED, ids=[words for _, _, words in ASKED])
def test_what_azure_refuses_is_refused_at_preview(
    azure: Engine, token: str, inputs: dict[str, Any], words: str
) -> None:
    given = without_nothing(inputs)
    failures = "; ".join(reason for _, reason in azure.check(token, "bad", given).failures)
    assert words in failures
