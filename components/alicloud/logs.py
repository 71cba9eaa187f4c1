"""Logs: the stores that containers' lines go to, and what is watched in them."""

from __future__ import annotations

import json

import pulumi
import pulumi_random as random
from pulumi_alicloud import log

from components.alicloud.alarm_spec import LogAlertSpec
from components.alicloud.alarm_tables import REDIS_LOST
from components.alicloud.alerts import Alerts
from components.alicloud.encryption import Key
from components.alicloud.log_streams import COMPONENTS, REQUESTS
from components.alicloud.place import Place
from components.alicloud.ram import may_use_key, of_service, role
from components.workloads.cluster import NAMESPACE
from components.workloads.labels import COMPONENT

SHARDS = 1
"""Shards of a store at first, 5 MB/s each (SLS user guide, "Shard"); it splits by itself."""
MOST_SHARDS = 16
IDENTITY_PREFIX = "k8s-group-"
"""What the identity of a cluster's collectors begins with, before its id (SLS user guide, "Install
LoongCollector in Kubernetes"; not tried on an account)."""
_RANDOM_LENGTH = 4
_SEPARATORS = ", '\";=()[]{}?@&<>/:\n\t\r"


class Logs(pulumi.ComponentResource):
    """A project of Log Service with encrypted stores of limited retention (requirement O2).

    A project that is deleted keeps its name for days: it ends in letters that no second one has.
    """

    project: pulumi.Output[str]
    """Name of the project."""
    retention_days: int

    def __init__(
        self,
        name: str,
        retention_days: int,
        key: Key,
        alerts: Alerts,
        place: Place,
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("letta:alicloud:Logs", name, {"retentionDays": retention_days}, opts)
        self._name, self._place, self._alerts = name, place, alerts
        self._child = pulumi.ResourceOptions(parent=self)
        self.retention_days = retention_days
        letters = random.RandomString(
            name, length=_RANDOM_LENGTH, upper=False, special=False, opts=self._child
        ).result
        project = log.Project(
            name,
            project_name=pulumi.Output.concat(place.unique(name), "-", letters),
            description=f"Logs of {name}",
            tags=place.tags,
            opts=self._child,
        )
        self.project = project.project_name.apply(str)
        # Log Service itself uses the key, by a role that it takes on.
        decrypting = role(
            self,
            name,
            place,
            of_service("log.aliyuncs.com"),
            (may_use_key(place, ("kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey")),),
        )
        encryption = log.StoreEncryptConfArgs(
            enable=True,
            encrypt_type="default",
            user_cmk_info=log.StoreEncryptConfUserCmkInfoArgs(
                arn=decrypting.arn, cmk_key_id=key.id, region_id=place.region
            ),
        )
        self._stores = {
            stream: self._store(stream, encryption, decrypting.ready)
            for stream in (*COMPONENTS, REQUESTS)
        }
        self.register_outputs({"project": self.project})

    def _store(
        self, stream: str, encryption: log.StoreEncryptConfArgs, after: pulumi.Resource
    ) -> pulumi.Resource:
        label = f"{self._name}-{stream.replace('_', '-')}"
        store = log.Store(
            label,
            project_name=self.project,
            logstore_name=stream,
            retention_period=self.retention_days,
            shard_count=SHARDS,
            auto_split=True,
            max_split_shard_count=MOST_SHARDS,
            append_meta=True,
            encrypt_conf=encryption,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[after]),
        )
        return log.StoreIndex(
            label,
            project=self.project,
            logstore=store.logstore_name.apply(str),
            full_text=log.StoreIndexFullTextArgs(case_sensitive=False, token=_SEPARATORS),
            opts=self._child,
        )

    def collect(self, parent: pulumi.Resource, cluster_id: pulumi.Output[str]) -> None:
        """Send the lines of the cluster's pods to their stores.

        The collectors of a cluster all have one identity. Their own group of that name is made by
        a pod, which comes after the first machine: another group with the identity waits for none.
        """
        identity = pulumi.Output.concat(IDENTITY_PREFIX, cluster_id)
        group = log.MachineGroup(
            self._name,
            name=self._name,
            project=self.project,
            identify_type="userdefined",
            identify_lists=[identity],
            opts=pulumi.ResourceOptions(parent=parent),
        )
        for stream, components in COMPONENTS.items():
            label = f"{self._name}-{stream}"
            chosen = log.LogTailConfig(
                label,
                name=stream,
                project=self.project,
                logstore=stream,
                input_type="plugin",
                output_type="LogService",
                input_detail=_stdout(components),
                opts=pulumi.ResourceOptions(parent=parent, depends_on=[self._stores[stream]]),
            )
            log.LogTailAttachment(
                label,
                project=self.project,
                logtail_config_name=chosen.name,
                machine_group_name=group.name,
                opts=pulumi.ResourceOptions(parent=parent),
            )
        self.watch(parent, self._name, REDIS_LOST)

    def watch(self, parent: pulumi.Resource, name: str, spec: LogAlertSpec) -> None:
        """Tell of lines of a stream, or of their absence."""
        found, label = "found", f"{name}-{spec.name}"
        log.Alert(
            label,
            version="2.0",
            type="default",
            project_name=self.project,
            alert_name=label,
            alert_displayname=label,
            alert_description=spec.reason,
            schedule=log.AlertScheduleArgs(
                type="FixedRate",
                interval=f"{spec.interval_minutes}m",
                hour=0,
                day_of_week=0,
                delay=0,
                run_immediately=False,
            ),
            query_lists=[
                log.AlertQueryListArgs(
                    store=spec.stream,
                    store_type="log",
                    project=self.project,
                    region=self._place.region,
                    query=f'"{spec.words}" | select count(1) as {found}',
                    start=f"-{spec.look_back_minutes}m",
                    end="now",
                    power_sql_mode="auto",
                )
            ],
            severity_configurations=[
                log.AlertSeverityConfigurationArgs(
                    severity=8,
                    eval_condition={
                        "condition": f"{found} > 0"
                        if spec.condition == "present"
                        else f"{found} < 1",
                        "count_condition": "",
                    },
                )
            ],
            # A count of nothing is an answer too; none at all means that nobody could ask.
            no_data_fire=True,
            no_data_severity=8,
            labels=[
                log.AlertLabelArgs(key=key.replace(":", "_"), value=value)
                for key, value in self._place.tags.items()
            ],
            annotations=[
                log.AlertAnnotationArgs(key="title", value=label),
                log.AlertAnnotationArgs(key="desc", value=spec.reason),
            ],
            group_configuration=log.AlertGroupConfigurationArgs(type="no_group"),
            policy_configuration=log.AlertPolicyConfigurationArgs(
                alert_policy_id="sls.builtin.dynamic",
                action_policy_id=self._alerts.action_policy,
                repeat_interval="1h",
            ),
            opts=pulumi.ResourceOptions(
                parent=parent, depends_on=[self._stores[spec.stream], *self._alerts.ready]
            ),
        )

    def of_requests(self) -> tuple[str, pulumi.Resource]:
        """Name of the load balancer's own store, and what it waits for."""
        return REQUESTS, self._stores[REQUESTS]


def _stdout(components: tuple[str, ...]) -> str:
    """What the collector reads: all that containers of some components print."""
    detail = {
        "Stdout": True,
        "Stderr": True,
        "K8sNamespaceRegex": f"^{NAMESPACE}$",
        "IncludeK8sLabel": {COMPONENT: f"^({'|'.join(components)})$"},
    }
    return json.dumps(
        {"plugin": {"inputs": [{"type": "service_docker_stdout", "detail": detail}]}},
        sort_keys=True,
    )
