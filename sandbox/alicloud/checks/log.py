"""The log service."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sandbox.alicloud.checks import kms
from sandbox.alicloud.cloud import AlicloudCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

STORE = "alicloud:log/store:Store"
INDEX = "alicloud:log/storeIndex:StoreIndex"
CLUSTER = "alicloud:cs/managedKubernetes:ManagedKubernetes"
GROUP = "alicloud:log/machineGroup:MachineGroup"
POOL = "alicloud:cs/nodePool:NodePool"
RECORD = "alicloud:log/resourceRecord:ResourceRecord"
MAIN_REGION = "cn-heyuan"
"""Where records of the account are kept (the provider's documentation of log_resource_record)."""
COLLECTORS = ("loongcollector", "logtail-ds")
GROUP_PREFIX = "k8s-group-"


def key_readable(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """A key of one's own is usable, and the role that uses it is named."""
    key = properties.get("encryptConf.userCmkInfo.cmkKeyId")
    yield from kms.usable(key, "encryptConf", cloud)
    if key is not None and not properties.get("encryptConf.userCmkInfo.arn"):
        yield Problem("encryptConf", "InvalidParameter: a key of one's own needs the role's arn")


def encryption_stays(old: Properties, new: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """A store is encrypted when it is made; only on and off change later (Log Service
    documentation, "Encrypt log data")."""
    if not old["encryptConf"] and new["encryptConf"]:
        yield Problem("encryptConf", "ParameterInvalid: the store was made without encryption")


def store_of_project(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """The store is one of the project's."""
    yield from _store(properties["project"], properties["logstore"], "logstore", cloud)


def _store(project: str, name: str, where: str, cloud: AlicloudCloud) -> Iterator[Problem]:
    if not any(
        one.get("projectName") == project and one.get("logstoreName") == name
        for one in cloud.all(STORE)
    ):
        yield Problem(where, f"LogStoreNotExist: {project} has no store {name}")


def input_well_formed(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """What is collected is a document; plug-ins have inputs."""
    try:
        document = json.loads(properties["inputDetail"])
    except ValueError as error:
        yield Problem("inputDetail", f"it is no JSON: {error}")
        return
    if properties["inputType"] == "plugin" and not (document.get("plugin") or {}).get("inputs"):
        yield Problem("inputDetail", "plugin.inputs: say what is collected")


def machine_group_exists(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """The group was made, by the stack or by the collector of a cluster that has machines: its
    operator is a pod."""
    name = properties["machineGroupName"]
    if any(
        one.get("project") == properties["project"] and one.get("name") == name
        for one in cloud.all(GROUP)
    ):
        return
    if not name.startswith(GROUP_PREFIX):
        yield Problem("machineGroupName", f"GroupNotExist: there is no machine group {name}")
        return
    cluster = cloud.find(CLUSTER, "id", name.removeprefix(GROUP_PREFIX))
    collects = cluster is not None and any(
        addon.get("name") in COLLECTORS and not addon.get("disabled")
        for addon in cluster.get("addons") or []
    )
    collects = collects and any(
        pool.get("clusterId") == name.removeprefix(GROUP_PREFIX) for pool in cloud.all(POOL)
    )
    if not collects:
        yield Problem(
            "machineGroupName",
            f"GroupNotExist: {name} is made by {' or '.join(COLLECTORS)} of a cluster of that id, "
            "once it has machines",
        )


def alert_whole(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """An alert of version 2.0 has queries, a schedule, severities and a policy."""
    if properties["version"] != "2.0":
        yield Problem("version", "alerts of older versions are no longer made: set 2.0")
        return
    for name in ("queryLists", "schedule", "severityConfigurations", "policyConfiguration"):
        if not properties[name]:
            yield Problem(name, f"ParameterInvalid: an alert needs {name}")
    if properties["noDataFire"] and properties["noDataSeverity"] is None:
        yield Problem("noDataSeverity", "it goes with noDataFire")


def index_to_query(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """Only a store with an index is queried, and only a policy that is there tells anybody."""
    for _, query in properties.find("queryLists[*]"):
        project = query.get("project") or properties["projectName"]
        if not any(
            one.get("project") == project and one.get("logstore") == query.get("store")
            for one in cloud.all(INDEX)
        ):
            yield Problem(
                "queryLists",
                f"IndexConfigNotExist: {query.get('store')} has no index: make it "
                "first, and depend on it",
            )


def record_well_formed(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """A record is a document, kept in one region for all."""
    try:
        json.loads(properties["value"])
    except ValueError as error:
        yield Problem("value", f"it is no JSON: {error}")
    if cloud.region != MAIN_REGION:
        yield Problem("resourceName", f"records are kept in {MAIN_REGION}: name it in a provider")
