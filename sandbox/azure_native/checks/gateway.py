"""Application Gateway: what it is put together from, and whether that fits."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.azure_native.checks import network, vaults
from sandbox.azure_native.cloud import AzureCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

GATEWAY = "azure-native:network:ApplicationGateway"
COLLECTIONS = (
    "authenticationCertificates",
    "backendAddressPools",
    "backendHttpSettingsCollection",
    "frontendIPConfigurations",
    "frontendPorts",
    "gatewayIPConfigurations",
    "httpListeners",
    "probes",
    "redirectConfigurations",
    "requestRoutingRules",
    "rewriteRuleSets",
    "sslCertificates",
    "sslProfiles",
    "trustedRootCertificates",
    "urlPathMaps",
)
_REFERENCES = (
    "backendHttpSettingsCollection[*].probe.id",
    "backendHttpSettingsCollection[*].trustedRootCertificates[*].id",
    "httpListeners[*].frontendIPConfiguration.id",
    "httpListeners[*].frontendPort.id",
    "httpListeners[*].sslCertificate.id",
    "httpListeners[*].sslProfile.id",
    "redirectConfigurations[*].targetListener.id",
    "requestRoutingRules[*].backendAddressPool.id",
    "requestRoutingRules[*].backendHttpSettings.id",
    "requestRoutingRules[*].httpListener.id",
    "requestRoutingRules[*].redirectConfiguration.id",
    "requestRoutingRules[*].rewriteRuleSet.id",
    "requestRoutingRules[*].urlPathMap.id",
    "urlPathMaps[*].defaultBackendAddressPool.id",
    "urlPathMaps[*].defaultBackendHttpSettings.id",
    "urlPathMaps[*].defaultRedirectConfiguration.id",
    "urlPathMaps[*].defaultRewriteRuleSet.id",
    "urlPathMaps[*].pathRules[*].backendAddressPool.id",
    "urlPathMaps[*].pathRules[*].backendHttpSettings.id",
    "urlPathMaps[*].pathRules[*].redirectConfiguration.id",
    "urlPathMaps[*].pathRules[*].rewriteRuleSet.id",
)
_LONGEST_PREFIX = 26
"""Smallest subnet of a gateway of the second generation that can grow (Application Gateway
documentation, "Infrastructure configuration": a /24 is recommended)."""
POLICIES = (
    "AppGwSslPolicy20150501",
    "AppGwSslPolicy20170401",
    "AppGwSslPolicy20170401S",
    "AppGwSslPolicy20220101",
    "AppGwSslPolicy20220101S",
)
"""Predefined policies (Application Gateway documentation, "TLS policy overview")."""


def capacity(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A gateway has a number of instances, or grows by itself, within bounds."""
    if properties.get("sku.name") != properties.get("sku.tier"):
        yield Problem("sku", "name and tier of a gateway of the second generation are the same")
    fixed, grows = properties.get("sku.capacity"), properties["autoscaleConfiguration"]
    if (fixed is None) == (grows is None):
        yield Problem("sku", "give exactly one of sku.capacity and autoscaleConfiguration")
    if grows and (grows.get("maxCapacity") or 10) < grows["minCapacity"]:
        yield Problem("autoscaleConfiguration", "maxCapacity is below minCapacity")


def parts_exist(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Parts that others name are there, and are called differently."""
    own = f"/applicationGateways/{properties['applicationGatewayName']}/".lower()
    names = {
        collection: [str(each.get("name")) for each in properties[collection] or []]
        for collection in COLLECTIONS
    }
    for collection, given in names.items():
        for twice in sorted({name for name in given if given.count(name) > 1}):
            yield Problem(collection, f"DuplicateResourceName: two are called {twice}")
    for path in _REFERENCES:
        for place, value in properties.find(path):
            _, _, inside = str(value).lower().partition(own)
            collection, _, name = inside.partition("/")
            known = {key.lower(): [each.lower() for each in all_] for key, all_ in names.items()}
            if name not in known.get(collection, ()):
                yield Problem(
                    str(place[0]), f"InvalidResourceReference: the gateway has no part {value}"
                )


def listeners(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A listener of HTTPS has a certificate; names of hosts are given in one way."""
    for listener in properties["httpListeners"] or []:
        secure = listener.get("protocol") == "Https"
        if secure != bool(listener.get("sslCertificate")):
            yield Problem("httpListeners", "sslCertificate goes with Https, which needs it")
        if listener.get("hostName") and listener.get("hostNames"):
            yield Problem("httpListeners", "hostName and hostNames exclude each other")
    seen = [
        (
            str((each.get("frontendPort") or {}).get("id")),
            str(each.get("hostName") or sorted(each.get("hostNames") or [])),
        )
        for each in properties["httpListeners"] or []
    ]
    if len(set(seen)) < len(seen):
        yield Problem("httpListeners", "two listeners have the same port and host")


def rules(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Rules have priorities of their own, and lead somewhere in the way of their type."""
    given = properties["requestRoutingRules"] or []
    priorities = [rule.get("priority") for rule in given]
    if None in priorities:
        yield Problem("requestRoutingRules", "ApplicationGatewayRulePriorityMissing")
    elif len(set(priorities)) < len(priorities):
        yield Problem("requestRoutingRules", "two rules have the same priority")
    for rule in given:
        by_path = rule.get("ruleType") == "PathBasedRouting"
        if by_path != bool(rule.get("urlPathMap")):
            yield Problem(
                "requestRoutingRules", "urlPathMap goes with PathBasedRouting, which needs it"
            )
        led = bool(rule.get("redirectConfiguration")) + bool(rule.get("backendAddressPool"))
        if not by_path and led != 1:
            yield Problem(
                "requestRoutingRules",
                "a rule needs one of backendAddressPool and redirectConfiguration",
            )
    for _, path in properties.find("urlPathMaps[*].pathRules[*].paths[*]"):
        if not str(path).startswith("/") or "*" in str(path)[:-1]:
            yield Problem(
                "urlPathMaps", f"{path!r} must begin with a slash, and have * at its end alone"
            )


def probes(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A probe knows which host to ask for, and when it has waited long enough."""
    for probe in properties["probes"] or []:
        picked = probe.get("pickHostNameFromBackendHttpSettings")
        if bool(picked) == bool(probe.get("host")):
            yield Problem(
                "probes", "give exactly one of host and pickHostNameFromBackendHttpSettings"
            )
        if not str(probe.get("path", "")).startswith("/"):
            yield Problem("probes", "a probe's path begins with a slash")
    for held in properties["backendHttpSettingsCollection"] or []:
        if held.get("hostName") and held.get("pickHostNameFromBackendAddress"):
            yield Problem(
                "backendHttpSettingsCollection",
                "hostName and pickHostNameFromBackendAddress exclude each other",
            )


def tls_policy(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A predefined policy is one that exists; versions are set in one's own alone."""
    name, kind = properties.get("sslPolicy.policyName"), properties.get("sslPolicy.policyType")
    if kind == "Predefined" and name not in POLICIES:
        yield Problem("sslPolicy", f"{name} is no policy: use one of {', '.join(POLICIES)}")
    if kind == "Predefined" and properties.get("sslPolicy.minProtocolVersion"):
        yield Problem("sslPolicy", f"minProtocolVersion is what {name} says: leave it out")


def firewall_fits(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Policies of the firewall go with the tier that has one."""
    guarded = properties.get("sku.tier") == "WAF_v2"
    if properties["webApplicationFirewallConfiguration"]:
        yield Problem(
            "webApplicationFirewallConfiguration",
            "it is retired on 2027-03-31: make a WebApplicationFirewallPolicy and name it",
        )
    if guarded != bool(properties["firewallPolicy"]):
        yield Problem("firewallPolicy", "firewallPolicy goes with the tier WAF_v2, which needs it")


def subnet_is_its_own(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A gateway's subnet holds gateways alone, and is large enough for it to grow."""
    for _, given in properties.find("gatewayIPConfigurations[*].subnet.id"):
        subnet = cloud.find(network.SUBNET, "id", given)
        if subnet is None:
            continue
        if network.delegation(subnet):
            yield Problem(
                "gatewayIPConfigurations",
                f"ApplicationGatewaySubnetCannotBeUsedByOtherResources: {subnet.label} is "
                f"delegated to {network.delegation(subnet)}",
            )
        for own in network.ranges(subnet):
            if own.prefixlen > _LONGEST_PREFIX:
                yield Problem(
                    "gatewayIPConfigurations", f"{own} is smaller than a /{_LONGEST_PREFIX}"
                )
        for endpoint in cloud.all("azure-native:network:PrivateEndpoint"):
            if endpoint.get("subnet.id") == given:
                yield Problem(
                    "gatewayIPConfigurations",
                    f"ApplicationGatewaySubnetCannotBeUsedByOtherResources: {endpoint.label}",
                )


def address_fits(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A gateway in some zones has an address that is in all of them."""
    zones = set(properties["zones"] or [])
    for _, given in properties.find("frontendIPConfigurations[*].publicIPAddress.id"):
        address = cloud.find(network.ADDRESS, "id", given)
        own = set(address.get("zones") or []) if address else set()
        if zones and own and not zones <= own:
            yield Problem(
                "zones", f"the gateway is in {sorted(zones)}, its address in {sorted(own)}"
            )


def certificates_readable(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """One of the gateway's identities may read its certificates."""
    identities = properties.get("identity.userAssignedIdentities") or []
    for _, url in properties.find("sslCertificates[*].keyVaultSecretId"):
        if not identities:
            yield Problem("identity", "certificates of a vault need a user-assigned identity")
            return
        problems = [
            list(vaults.readable(url, identity, "sslCertificates", cloud))
            for identity in identities
        ]
        if all(problems):
            yield problems[0][0]
