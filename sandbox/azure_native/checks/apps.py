"""Container apps."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.azure_native.checks import environments, ids
from sandbox.azure_native.cloud import AzureCloud
from sandbox.cloud import CloudObject, Properties
from sandbox.errors import Problem

APP = "azure-native:app:ContainerApp"
CERTIFICATE = "azure-native:app:ManagedCertificate"
_TRIGGERS = ("http", "tcp", "azureQueue", "custom")


def environment(properties: Properties, cloud: AzureCloud) -> CloudObject | None:
    """The environment of an app or a job."""
    given = properties["environmentId"] or properties["managedEnvironmentId"]
    return cloud.find(environments.ENVIRONMENT, "id", given) if given else None


def environment_given(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """An app runs in an environment."""
    raw = (properties.raw("environmentId"), properties.raw("managedEnvironmentId"))
    if all(each is None for each in raw):
        yield Problem("environmentId", "an app needs environmentId")


def profile_exists(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """The workload profile is one of the environment's."""
    home, name = environment(properties, cloud), properties["workloadProfileName"]
    if home is None or name is None:
        return
    known = [one["name"] for one in home.get("workloadProfiles") or []]
    if name not in known:
        yield Problem(
            "workloadProfileName",
            f"InvalidWorkloadProfileName: {home.label} has no profile {name}; it has "
            f"{', '.join(known) or 'none'}",
        )


def scale(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Bounds are in order; each rule has a name of its own and one trigger; CPU and memory do not
    wake an app that has no copy."""
    least = properties.get("template.scale.minReplicas") or 0
    most = properties.get("template.scale.maxReplicas") or 10
    if least > most:
        yield Problem("template", f"minReplicas {least} is above maxReplicas {most}")
    rules = [one for _, one in properties.find("template.scale.rules[*]")]
    names = [one.get("name") for one in rules]
    if len(set(names)) < len(names):
        yield Problem("template", "two rules of scale have the same name")
    for one in rules:
        if sum(bool(one.get(kind)) for kind in _TRIGGERS) != 1:
            yield Problem("template", f"rule {one.get('name')} needs one of {', '.join(_TRIGGERS)}")
        kind = (one.get("custom") or {}).get("type")
        if kind in ("cpu", "memory") and not least:
            yield Problem("template", f"a rule of {kind} needs minReplicas of 1 or more")


def ingress(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A way in leads to a port, and its shares of traffic add up."""
    given = properties.get("configuration.ingress")
    if not given:
        return
    if given.get("targetPort") is None:
        yield Problem("configuration", "an ingress needs targetPort")
    shares = [one.get("weight") or 0 for one in given.get("traffic") or []]
    if shares and sum(shares) != 100:
        yield Problem("configuration", f"weights of traffic add up to {sum(shares)}, not to 100")
    for one in given.get("customDomains") or []:
        secure = one.get("bindingType") == "SniEnabled"
        if secure != bool(one.get("certificateId")):
            yield Problem("configuration", "certificateId goes with SniEnabled, which needs it")


def domain_has_certificate(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A certificate that a domain names is there."""
    for _, given in properties.find("configuration.ingress.customDomains[*].certificateId"):
        if ids.named(str(given), cloud) is None:
            yield Problem("configuration", f"CertificateNotFound: there is no {given}")


def certificate_has_domain(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A certificate is issued for a domain that an app has taken already."""
    domain = properties.get("properties.subjectName")
    taken = [
        one.get("name")
        for item in cloud.all(APP)
        for one in item.get("configuration.ingress.customDomains") or []
    ]
    if domain and domain not in taken:
        yield Problem(
            "properties", f"RequireCustomHostnameInEnvironment: no app has the domain {domain}"
        )


def fqdn(properties: Properties, cloud: AzureCloud) -> str | None:
    """The name of the newest revision; none without a way in."""
    home = environment(properties, cloud)
    way_in = properties.get("configuration.ingress")
    if home is None or not way_in:
        return None
    scope = "" if way_in.get("external") else ".internal"
    return f"{properties['containerAppName']}{scope}.{home.get('defaultDomain')}"
