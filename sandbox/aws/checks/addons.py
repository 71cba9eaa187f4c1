"""Add-ons of clusters, and the roles of pods."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from sandbox import paths
from sandbox.aws.checks import eks, iam, neighbours
from sandbox.aws.cloud import AwsCloud
from sandbox.cloud import CloudObject, Properties
from sandbox.errors import Problem, Refusal

_DATA: Final = Path(__file__).parent.parent / "data" / "eks_addons.yaml"
_ADDON: Final = "aws:eks/addon:Addon"
_ASSOCIATION: Final = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
_PROXY: Final = "kube-proxy"
_VERSION: Final = re.compile(r"v(\d+)\.(\d+)\.\d+-eksbuild\.\d+")
_JSON_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}
_KEEPS_PODS_OFF: Final = frozenset({"NO_SCHEDULE", "NO_EXECUTE"})
_POD_ACTIONS: Final = ("sts:AssumeRole", "sts:TagSession")


@cache
def _published() -> Mapping[str, Mapping[str, Any]]:
    loaded: Mapping[str, Mapping[str, Any]] = yaml.safe_load(_DATA.read_text(encoding="utf-8"))
    return loaded


def known(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """There is an add-on of that name, and its version has the form of one."""
    name, version = properties["addonName"], properties["addonVersion"]
    if name not in _published():
        yield Problem(
            "addonName",
            f"InvalidParameterException: Addon {name} specified is not supported: the sandbox "
            f"knows {', '.join(sorted(_published()))}",
        )
    elif version and not _in_series(name, version):
        first, last = _published()[name]["series"]
        yield Problem(
            "addonVersion",
            f"InvalidParameterException: Addon version {version} specified is not supported: "
            f"{name} is published from v{first} to v{last}, such as {_newest(name)}",
        )


def _in_series(name: str, version: str) -> bool:
    match = _VERSION.fullmatch(version)
    first, last = (_numbers(str(end)) for end in _published()[name]["series"])
    return match is not None and first <= (int(match[1]), int(match[2])) <= last


def _numbers(text: str) -> tuple[int, int]:
    major, _, minor = text.partition(".")
    return int(major), int(minor)


def _newest(name: str, kubernetes: str = eks.VERSIONS[-1]) -> str:
    return str(_published()[name]["versions"][kubernetes])


def configuration(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """The settings are a JSON object of what the add-on's schema has, with its types."""
    name, text = properties["addonName"], properties["configurationValues"]
    if not text or name not in _published():
        return
    document = paths.load_json(text)
    if not isinstance(document, dict):
        yield Problem(
            "configurationValues",
            "InvalidParameterException: ConfigurationValue is not in valid JSON or YAML format: "
            "give a JSON object",
        )
        return
    for error in _schema_errors(document, _published()[name]["settings"]):
        yield Problem(
            "configurationValues",
            "InvalidParameterException: ConfigurationValue provided in request is not supported: "
            f"Json schema validation failed with error: [{error}]",
        )


def _schema_errors(document: Mapping[str, Any], settings: Mapping[str, str]) -> Iterator[str]:
    for key in document:
        if key not in settings:
            yield (
                f"$.{key}: is not defined in the schema and the schema does not allow additional "
                "properties"
            )
    for path, wanted in settings.items():
        for place, value in paths.find(dict(document), path):
            if not _is(value, wanted):
                yield f"$.{'.'.join(map(str, place))}: {_type_name(value)} found, {wanted} expected"


def _is(value: object, wanted: str) -> bool:
    if isinstance(value, bool):
        return wanted == "boolean"
    return isinstance(value, _JSON_TYPES[wanted])


def _type_name(value: object) -> str:
    return next(name for name in _JSON_TYPES if _is(value, name))


def version_fits_cluster(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """kube-proxy is not ahead of its control plane."""
    cluster = neighbours.cluster(properties["clusterName"], cloud)
    match = _VERSION.fullmatch(properties["addonVersion"] or "")
    if cluster is None or match is None or properties["addonName"] != _PROXY:
        return
    version = cluster.get("version")
    if (int(match[1]), int(match[2])) > _numbers(version):
        yield Problem(
            "addonVersion",
            f"InvalidParameterException: Addon version {match[0]} specified is not supported in "
            f"{version} kubernetes version: use one of v{version}",
        )


def default_version(properties: Properties, cloud: AwsCloud) -> str:
    """The version that EKS installs when none is named."""
    cluster = neighbours.cluster(properties["clusterName"], cloud)
    return _newest(properties["addonName"], cluster.get("version") if cluster else eks.VERSIONS[-1])


def version_for(arguments: Properties, cloud: AwsCloud) -> dict[str, Any]:
    """The result of getAddonVersion. Raises Refusal."""
    name, kubernetes = arguments["addonName"], arguments["kubernetesVersion"]
    if name not in _published() or kubernetes not in eks.VERSIONS:
        raise Refusal.missing(
            f"no EKS add-on version found for {name} and Kubernetes {kubernetes}: the sandbox "
            f"knows {', '.join(sorted(_published()))}, and {', '.join(eks.VERSIONS)}"
        )
    return {
        "addonName": name,
        "id": name,
        "kubernetesVersion": kubernetes,
        "mostRecent": arguments["mostRecent"],
        "region": cloud.region,
        "version": _newest(name, kubernetes),
    }


def nodes_can_run_it(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """An add-on that is a deployment is ready when some node takes its pods."""
    name, cluster = properties["addonName"], properties["clusterName"]
    if _published()[name]["pods"] != "deployment":
        return
    settings = paths.load_json(properties["configurationValues"]) or {}
    groups = [
        group
        for group in cloud.all(eks.NODE_GROUP)
        if group.get("clusterName") == cluster and group.get("scalingConfig.desiredSize") > 0
    ]
    if any(_takes_pods(group) for group in groups) or (groups and _tolerates(settings)):
        return
    nodes = "only nodes with taints" if groups else "no nodes"
    yield Problem(
        "addonName",
        f"InsufficientNumberOfReplicas: The add-on {name} is unhealthy because it doesn't have the "
        f"desired number of replicas: {cluster} has {nodes}; it stays DEGRADED, and the provider "
        "gives up after 20 minutes. Make a node group without taints before it",
    )


def _takes_pods(group: CloudObject) -> bool:
    taints = group.get("taints") or ()
    return all(taint["effect"] not in _KEEPS_PODS_OFF for taint in taints)


def _tolerates(settings: Mapping[str, Any]) -> bool:
    return any(paths.get(settings, path) for path in ("tolerations", "controller.tolerations"))


def identity_roles(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """The roles of an add-on's pods are for pods, and for service accounts that it has."""
    name = properties["addonName"]
    for association in properties["podIdentityAssociations"] or ():
        account = association["serviceAccount"]
        if account not in _published()[name]["accounts"]:
            names = ", ".join(_published()[name]["accounts"]) or "none"
            yield Problem(
                "podIdentityAssociations",
                f"InvalidParameterException: the add-on {name} has no service account {account}: "
                f"it has {names}",
            )
        if reason := _role_refusal(association["roleArn"], cloud):
            yield Problem("podIdentityAssociations", reason)
        others = (
            other
            for other in _associations(properties["clusterName"], cloud)
            if other[0] != f"{properties['clusterName']}:{name}"
        )
        for owner, namespace, taken in others:
            if (namespace, taken) == (_published()[name]["namespace"], account):
                yield Problem("podIdentityAssociations", _taken(owner, namespace, account))


def association_role(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """The role is for pods."""
    if reason := _role_refusal(properties["roleArn"], cloud):
        yield Problem("roleArn", reason)


def _role_refusal(arn: str, cloud: AwsCloud) -> str:
    if iam.trusts(cloud, arn, "pods.eks", _POD_ACTIONS):
        return ""
    return (
        f"InvalidParameterException: Trust policy of role {arn} is invalid: let it allow "
        f"{' and '.join(_POD_ACTIONS)} to pods.eks.amazonaws.com"
    )


def association_is_new(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A service account has one role."""
    wanted = (properties["namespace"], properties["serviceAccount"])
    for owner, namespace, account in _associations(properties["clusterName"], cloud):
        if (namespace, account) == wanted and owner != properties["id"]:
            yield Problem("serviceAccount", _taken(owner, namespace, account))


def _taken(owner: str, namespace: str, account: str) -> str:
    return (
        f"ResourceInUseException: Association already exists: {owner} gives the service account "
        f"{account} of the namespace {namespace} a role"
    )


def _associations(cluster: str, cloud: AwsCloud) -> Iterator[tuple[str, str, str]]:
    """Id of the owner, namespace and service account of each association, add-ons' own too."""
    for item in cloud.all(_ASSOCIATION):
        if item.get("clusterName") == cluster:
            yield item.id, item.get("namespace"), item.get("serviceAccount")
    for item in cloud.all(_ADDON):
        if item.get("clusterName") == cluster:
            for association in item.get("podIdentityAssociations") or ():
                namespace = _published()[item.get("addonName")]["namespace"]
                yield item.id, namespace, association["serviceAccount"]
