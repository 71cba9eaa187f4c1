"""What the simulated Azure refuses at preview, as the real one does at the end."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.azure import estate
from tests.sandbox.azure.estate import TENANT, app, cluster, gateway, inside, lines, server
from tests.sandbox.engine import Engine

ALERT = "azure-native:monitor:MetricAlert"
QUERY = "azure-native:monitor:ScheduledQueryRule"
TOLD = "azure-native:monitor:ActionGroup"
BUDGET = "azure-native:consumption:Budget"
SCRIPT = "azure-native:resources:AzureCliScript"
WAF = "azure-native:network:WebApplicationFirewallPolicy"
GROUP_RULES = "azure-native:network:NetworkSecurityGroup"
SINGLE = "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria"


def _rule(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
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


def _metric(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
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


def _query(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
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


def _waf(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    base = {"ruleSetType": "OWASP", "ruleSetVersion": "3.2"}
    return inside(**{"policyName": "waf", "managedRules": {"managedRuleSets": [base]}, **changes})


def _vault(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    held = {"sku": {"family": "A", "name": "standard"}, "tenantId": TENANT, **changes}
    return inside(vaultName="letta-tests", properties=held)


def _environment(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    return inside(environmentName="env", **changes)


def _premium(count: int, kind: str = "D4") -> dict[str, Any]:
    profile = {"name": "in", "workloadProfileType": kind, "minimumCount": count, "maximumCount": 4}
    return _environment(
        workloadProfiles=[profile],
        ingressConfiguration={"workloadProfileName": "in", "requestIdleTimeout": 15},
    )


def _job(**configuration: Any) -> dict[str, Any]:  # noqa: ANN401
    container = {"name": "c", "image": "x:1", "resources": {"cpu": 0.5, "memory": "1Gi"}}
    return inside(
        jobName="letta-job",
        environmentId="/x",
        configuration={"replicaTimeout": 60, "triggerType": "Manual", **configuration},
        template={"containers": [container]},
    )


def _queue(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"resourceGroupName": "rg", "namespaceName": "n", "queueName": "q", **changes}


def _ageing(*rules: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourceGroupName": "rg",
        "accountName": "a",
        "managementPolicyName": "default",
        "policy": {"rules": list(rules)},
    }


def _aged(**blob: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "name": "r",
        "type": "Lifecycle",
        "definition": {"actions": {"baseBlob": blob}, "filters": {"blobTypes": ["blockBlob"]}},
    }


def _days(count: int) -> dict[str, int]:
    return {"daysAfterModificationGreaterThan": count}


def _pool(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "resourceGroupName": "rg",
        "resourceName": "letta",
        "agentPoolName": "api",
        "vmSize": "Standard_D8s_v5",
        **changes,
    }


def _probed(probe: dict[str, Any]) -> dict[str, Any]:
    return app(container={"probes": [{"type": "Liveness", "httpGet": {"port": 1}, **probe}]})


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
    (GROUP_RULES, inside(securityRules=[_rule(), _rule(name="b")]), "have the priority 100"),
    (GROUP_RULES, inside(securityRules=[_rule(destinationPortRange=None)]), "PortRange"),
    (GROUP_RULES, inside(securityRules=[_rule(priority=50)]), "below the minimum of 100"),
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
    (WAF, _waf(managedRules={"managedRuleSets": []}), "exactly one of OWASP"),
    (
        WAF,
        _waf(managedRules={"managedRuleSets": [{"ruleSetType": "OWASP", "ruleSetVersion": "2.2"}]}),
        "not known here",
    ),
    (
        WAF,
        _waf(
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
    (WAF, _waf(policySettings={"maxRequestBodySizeInKb": 4000}), "above the maximum of 2000"),
    (
        estate.RECORD,
        {"resourceGroupName": "rg", "zoneName": "z", "recordType": "A"},
        "needs aRecords",
    ),
    (estate.DATABASE, server(sku={"name": "Standard_D2ds_v5", "tier": "Burstable"}), "belongs to"),
    (estate.DATABASE, server(sku={"name": "Standard_X1", "tier": "Burstable"}), "did you mean"),
    (estate.DATABASE, server(storage={"storageSizeGB": 100}), "must be one of"),
    (
        estate.DATABASE,
        server(storage={"storageSizeGB": 100, "type": "PremiumV2_LRS"}),
        "needs iops and throughput",
    ),
    (
        estate.DATABASE,
        server(
            sku={"name": "Standard_B2s", "tier": "Burstable"},
            highAvailability={"mode": "ZoneRedundant"},
        ),
        "has no standby",
    ),
    (
        estate.DATABASE,
        server(
            availabilityZone="1",
            highAvailability={"mode": "ZoneRedundant", "standbyAvailabilityZone": "1"},
        ),
        "another zone than 1",
    ),
    (estate.DATABASE, server(createMode="Replica"), "needs the server to copy"),
    (estate.DATABASE, server(administratorLogin=None), "a server with passwords needs it"),
    (estate.DATABASE, server(administratorLogin="pg_letta"), "is kept by Azure"),
    (estate.DATABASE, server(backup={"backupRetentionDays": 40}), "above the maximum of 35"),
    (
        estate.DATABASE,
        server(
            dataEncryption={
                "type": "AzureKeyVault",
                "primaryKeyURI": estate.KEY_URL,
                "primaryUserAssignedIdentityId": "/who",
            }
        ),
        "no identity of the server",
    ),
    (
        estate.PARAMETER,
        {
            "resourceGroupName": "rg",
            "serverName": "s",
            "configurationName": "azure.extensions",
            "value": "POSTGIS_X",
            "source": "user-override",
        },
        "not known here",
    ),
    (
        estate.PARAMETER,
        {
            "resourceGroupName": "rg",
            "serverName": "s",
            "configurationName": "max_connections",
            "value": "9000",
            "source": "user-override",
        },
        "must be a number between",
    ),
    (
        estate.CACHE,
        inside(clusterName="c", publicNetworkAccess="Disabled", sku={"name": "Enterprise_E5"}),
        "is retired",
    ),
    (
        estate.CACHE,
        inside(clusterName="c", publicNetworkAccess="Disabled", sku={"name": "Balanced_B2"}),
        "did you mean",
    ),
    (
        estate.CACHE_DATA,
        {"resourceGroupName": "rg", "clusterName": "c", "databaseName": "mine"},
        "is not allowed: use default",
    ),
    (
        estate.CACHE_DATA,
        {
            "resourceGroupName": "rg",
            "clusterName": "c",
            "databaseName": "default",
            "persistence": {"rdbEnabled": True},
        },
        "needs rdbFrequency",
    ),
    (
        estate.ACCOUNT,
        inside(accountName="Letta-Data", kind="StorageV2", sku={"name": "Standard_ZRS"}),
        "lower-case letters and digits",
    ),
    (estate.AGEING, _ageing(_aged()), "does nothing"),
    (
        estate.AGEING,
        _ageing(_aged(tierToCool=_days(90), tierToCold=_days(30))),
        "comes before tierToCool",
    ),
    (
        estate.VERSIONS,
        {
            "resourceGroupName": "rg",
            "accountName": "a",
            "blobServicesName": "default",
            "restorePolicy": {"enabled": True, "days": 7},
        },
        "needs isVersioningEnabled",
    ),
    (estate.NAMESPACE, inside(namespaceName="letta-sb", sku={"name": "Standard"}), "not with -sb"),
    (
        estate.NAMESPACE,
        inside(namespaceName="letta-jobs", sku={"name": "Standard", "capacity": 1}),
        "has no capacity",
    ),
    (estate.QUEUE, _queue(lockDuration="PT10M"), "longer than 300 s"),
    (estate.QUEUE, _queue(defaultMessageTimeToLive="4 days"), "is no period"),
    (estate.VAULT, _vault(tenantId="11111111-0000-4000-8000-2d7cd011db47"), "is not the tenant"),
    (estate.VAULT, _vault(enablePurgeProtection=False), "cannot be set to false"),
    (estate.VAULT, _vault(enableSoftDelete=False), "cannot be turned off"),
    (estate.VAULT, _vault(softDeleteRetentionInDays=5), "below the minimum of 7"),
    (
        estate.WORKSPACE,
        inside(workspaceName="logs", sku={"name": "PerGB2018"}, retentionInDays=7),
        "below the minimum of 30",
    ),
    (
        TOLD,
        inside(
            actionGroupName="a1",
            groupShortName="letta",
            emailReceivers=[{"name": "a", "emailAddress": "nobody"}],
        ),
        "is no e-mail address",
    ),
    (TOLD, inside(actionGroupName="a1", groupShortName="letta-alarms-x"), "at most 12"),
    (ALERT, _metric(condition={"threshold": None}), "goes with StaticThresholdCriterion"),
    (ALERT, _metric(condition={"operator": "Above"}), "is no operator"),
    (ALERT, _metric(scopes=["/a", "/b"]), "several scopes need"),
    (ALERT, _metric(windowSize="PT1M"), "is shorter than evaluationFrequency"),
    (QUERY, _query(windowSize="P3D"), "more than 172800"),
    (QUERY, _query(condition={"query": None}), "needs query"),
    (QUERY, _query(autoMitigate=True, muteActionsDuration="PT5M"), "exclude each other"),
    (
        BUDGET,
        {
            "scope": "/x",
            "amount": 1,
            "category": "Cost",
            "timeGrain": "Monthly",
            "timePeriod": {"startDate": "2026-11-23T00:00:00Z"},
            "notifications": {
                "a": {
                    "enabled": True,
                    "operator": "GreaterThan",
                    "threshold": 80,
                    "contactEmails": [],
                }
            },
        },
        "first of a month",
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
    (estate.ENVIRONMENT, _premium(1), "needs 2 nodes"),
    (estate.ENVIRONMENT, _premium(2, "E4"), "takes no ingress"),
    (
        estate.ENVIRONMENT,
        _environment(ingressConfiguration={"workloadProfileName": "none"}),
        "no workload profile none",
    ),
    (
        estate.ENVIRONMENT,
        _environment(
            workloadProfiles=[
                {"name": "c", "workloadProfileType": "Consumption", "minimumCount": 1}
            ]
        ),
        "has no counts",
    ),
    (
        estate.ENVIRONMENT,
        _environment(appLogsConfiguration={"destination": "log-analytics"}),
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
    (estate.APP, _probed({"periodSeconds": 300}), "must be between 1 and 240"),
    (estate.APP, _probed({"failureThreshold": 20}), "must be between 1 and 10"),
    (estate.APP, _probed({"type": "Health"}), "one probe each of"),
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
    (estate.JOB, _job(triggerType="Schedule"), "needs scheduleTriggerConfig"),
    (
        estate.JOB,
        _job(triggerType="Schedule", scheduleTriggerConfig={"cronExpression": "every day"}),
        "no schedule of five fields",
    ),
    (
        estate.JOB,
        _job(eventTriggerConfig={"parallelism": 1}),
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
    (estate.POOL, _pool(agentPoolName="letta-api"), "lower-case letters and digits"),
    (estate.POOL, _pool(enableAutoScaling=True, minCount=3, maxCount=2), "a maxCount no smaller"),
    (estate.POOL, _pool(scaleSetPriority="Spot", mode="System"), "cannot be of Spot machines"),
    (estate.POOL, _pool(vmSize="Standard_ND96isr_H100_v9"), "did you mean"),
    (
        "azure-native:authorization:RoleAssignment",
        {"scope": "/x", "principalId": "p", "roleDefinitionId": "r"},
        "say what the principal is",
    ),
]


@pytest.mark.parametrize(("token", "inputs", "words"), ASKED, ids=[words for _, _, words in ASKED])
def test_what_azure_refuses_is_refused_at_preview(
    azure: Engine, token: str, inputs: dict[str, Any], words: str
) -> None:
    given = _without_nothing(inputs)
    failures = "; ".join(reason for _, reason in azure.check(token, "bad", given).failures)
    assert words in failures


def _without_nothing(value: Any) -> Any:  # noqa: ANN401  (any JSON)
    if isinstance(value, dict):
        return {key: _without_nothing(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_without_nothing(each) for each in value]
    return value


@pytest.mark.parametrize(
    ("token", "inputs"),
    [
        (estate.DATABASE, server()),
        (estate.APP, app()),
        (estate.GATEWAY, gateway()),
        (estate.CLUSTER, cluster()),
        (estate.POOL, _pool()),
        (estate.JOB, _job()),
        (estate.VAULT, _vault()),
        (estate.ENVIRONMENT, _premium(2)),
        (ALERT, _metric()),
        (QUERY, _query()),
        (WAF, _waf()),
        (GROUP_RULES, inside(securityRules=[_rule()])),
        (estate.AGEING, _ageing(_aged(tierToCool=_days(30), tierToCold=_days(90)))),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_the_refusals_begin_with_is_taken(
    azure: Engine, token: str, inputs: dict[str, Any]
) -> None:
    assert azure.check(token, "good", inputs).failures == []


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        ({"location": "eastus"}, "subscriptionId"),
        ({"subscriptionId": "mine"}, "subscriptionId"),
        (
            {"subscriptionId": "00000000-0000-0000-0000-000000000001", "location": "mars"},
            "location",
        ),
    ],
)
def test_a_provider_needs_a_subscription_and_a_location_that_exists(
    azure: Engine, arguments: dict[str, str], wrong: str
) -> None:
    assert [name for name, _ in azure.check_config(arguments)] == [wrong]
