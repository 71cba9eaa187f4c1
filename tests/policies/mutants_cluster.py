"""Bad configurations of a cluster, its storage and its firewall; see `mutants.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from policies.facts.resource import UNDETERMINED
from tests.policies.changes import Added, Edit, Gone, Put, Where
from tests.policies.mutants import API_MACHINE, mutant
from tests.policies.mutants_pods import (
    API_POOL,
    API_TEMPLATE,
    large,
)

PLANE = Where("Cluster", "-k8s")
FIREWALL = Where("WebAcl")
MODEL_POOL = Where("eks/nodeGroup:NodeGroup", "-llm-p4d-24xlarge")
OLLAMA_POOL = Where("eks/nodeGroup:NodeGroup", "-llm-g5-4xlarge")
KEDA = Where("Release", "-keda")
DISK = "blockDeviceMappings.0.ebs"
METRICS_VOLUME = Where("PersistentVolumeClaim", "-metrics")


def entry(name: str) -> Callable[[list[dict[str, Any]]], None]:
    """Takes a variable out of what is fetched from the store."""
    return lambda entries: entries.remove(next(e for e in entries if e["secretKey"] == name))


CLUSTER = (
    large(
        "control-plane-access",
        "letta-large-k8s: can be reached from 0.0.0.0/0, must be from networks that you know; set "
        "letta:ingress.control_plane.allowed_cidrs to the networks you deploy from, or to []",
        Put(PLANE, "vpcConfig.publicAccessCidrs", ["0.0.0.0/0"]),
    ),
    large(
        "control-plane-access",
        "letta-large-k8s: can be reached from 0.0.0.0/0, must be from networks that you know; set "
        "letta:ingress.control_plane.allowed_cidrs to the networks you deploy from, or to []",
        Put(PLANE, "vpcConfig.publicAccessCidrs", None),
        label="default",
    ),
    large(
        "control-plane-access",
        "letta-large-k8s: can be reached from 0.0.0.0/0, must be from networks that you know; set "
        "letta:ingress.control_plane.allowed_cidrs to the networks you deploy from, or to []",
        Put(PLANE, "vpcConfig.publicAccessCidrs", ["0.0.0.0/1", "128.0.0.0/1"]),
        label="halves",
    ),
    large(
        "deletion-protection",
        "letta-large-k8s: can be deleted by one call, must be protected; "
        "set letta:ingress.control_plane.deletion_protection to true",
        Put(PLANE, "deletionProtection", False),
        label="cluster",
    ),
    large(
        "control-plane-guarded",
        "letta-large-k8s: keeps secrets without a key of the stack, must encrypt them with one; "
        "give it the stack's key",
        Put(PLANE, "encryptionConfig", None),
    ),
    large(
        "control-plane-guarded",
        "letta-large-k8s: does not write down who asked it for what, must; enable its audit log",
        Put(PLANE, "enabledClusterLogTypes", ["api"]),
        label="audit",
    ),
    large(
        "kubernetes-schema",
        "letta-large-api: spec.strategy: Additional properties are not allowed ('maxSurge' was "
        "unexpected): the cluster would refuse it or drop the field; "
        "write it as the API reference of its kind says",
        Put(Where("Deployment", "-api"), "spec.strategy", {"maxSurge": 1}),
    ),
    large(
        "kubernetes-schema",
        "letta-large-api: spec.minReadySeconds: does not fit type ['integer', 'null']: the cluster "
        "would refuse it or drop the field; write it as the API reference of its kind says",
        Put(Where("Deployment", "-api"), "spec.minReadySeconds", "15s"),
        label="type",
    ),
    large(
        "secrets-from-store",
        "letta-large-api: takes LETTA_PG_URI from a secret that nothing fills from the cloud's "
        "store; list the variable in the ExternalSecret of the workload, and let the pods depend "
        "on it",
        Edit(Where("ExternalSecret", "-api"), "spec.data", entry("LETTA_PG_URI")),
    ),
    large(
        "secrets-from-store",
        "letta-password: is a secret whose values stand in the program and in the state; "
        "keep them in the cloud's store and let External Secrets fetch them",
        Added("kubernetes:core/v1:Secret", "letta-password", {"data": {"password": UNDETERMINED}}),
        label="plain",
    ),
    large(
        "secrets-from-store",
        "letta-large-k8s-keda: gets the secret values.redis.password through the program; keep it "
        "in the cloud's store, and name a secret that External Secrets fills",
        Edit(KEDA, "values", lambda values: values.update(redis={"password": "blue-42-moon"})),
        on="vllm",
        label="chart",
    ),
    large(
        "storage-fits-data",
        "letta-large-llm-metrics: a volume of logs has 5 GiB, it may have 20 to 100; "
        "change its size",
        Put(METRICS_VOLUME, "spec.resources.requests.storage", "5Gi"),
        on="vllm",
    ),
    large(
        "storage-fits-data",
        "letta-large-llm-metrics: a volume of 20 GiB does not say which kind of data it keeps; "
        "label it letta.cloud/data with one of database, vectors, models, logs, cache",
        Put(METRICS_VOLUME, "metadata.labels", {}),
        on="vllm",
        label="label",
    ),
    large(
        "storage-fits-data",
        "letta-large-llm: a volume of models is of class standard, which is standard, must be "
        "fast; set its class to fast-ssd",
        Put(Where("PersistentVolumeClaim", "-llm"), "spec.storageClassName", "standard"),
        on="ollama",
        label="class",
    ),
    large(
        "storage-fits-data",
        "letta-large-llm: a volume of models is of class (the default), which this stack does not "
        "make; set its class to fast-ssd",
        Put(
            Where("LeaderWorkerSet"),
            "spec.leaderWorkerTemplate.volumeClaimTemplates.0.spec.storageClassName",
            None,
        ),
        on="nodes",
        label="default class",
    ),
    large(
        "storage-fits-data",
        "letta-large-llm: a volume of models is of class fast-ssd, which is standard, must be "
        "fast; set its class to fast-ssd",
        Put(Where("StorageClass", "-fast-ssd"), "parameters.type", "gp2"),
        on="ollama",
        label="type",
    ),
    large(
        "volumes-encrypted",
        "letta-large-k8s-fast-ssd: volumes of class fast-ssd are not encrypted, must be; "
        "switch encryption on in its parameters",
        Put(Where("StorageClass", "-fast-ssd"), "parameters.encrypted", "false"),
    ),
    mutant(
        "volumes-encrypted",
        "letta-medium-api: starts machines whose disks are not encrypted, must be; set encrypted "
        "to true for each disk of its launch template, the first one too",
        Put(API_MACHINE, f"{DISK}.encrypted", "false"),
        label="machines",
    ),
    large(
        "volumes-encrypted",
        "letta-large-k8s-api: starts machines whose disks are not encrypted, must be; set "
        "encrypted to true for each disk of its launch template, the first one too",
        Put(API_TEMPLATE, f"{DISK}.encrypted", None),
        label="nodes",
    ),
    large(
        "volumes-encrypted",
        "letta-large-k8s-api: starts machines whose disks are not encrypted, must be; set "
        "encrypted to true for each disk of its launch template, the first one too",
        Put(API_TEMPLATE, "blockDeviceMappings", []),
        label="no mapping",
    ),
    large(
        "pinned-charts",
        "letta-large-k8s-keda: installs version ^2 of keda, must be one exact version; pin it like "
        "those of components/workloads/charts.py",
        Put(KEDA, "version", "^2"),
        on="vllm",
    ),
    large(
        "pinned-charts",
        "letta-large-k8s-keda: installs version (the latest) of keda, must be one exact version; "
        "pin it like those of components/workloads/charts.py",
        Put(KEDA, "version", None),
        on="vllm",
        label="latest",
    ),
    large(
        "pinned-charts",
        "letta-large-k8s-keda: installs keda from http://charts.example.com, must be from one that "
        "proves who it is; give a repository's address that begins with https:// or oci://",
        Put(KEDA, "repositoryOpts.repo", "http://charts.example.com"),
        on="vllm",
        label="http",
    ),
    large(
        "pinned-charts",
        "letta-large-k8s-keda: installs keda from no repository, must be from one that proves who "
        "it is; give a repository's address that begins with https:// or oci://",
        Put(KEDA, "repositoryOpts", None),
        on="vllm",
        label="no repository",
    ),
    large(
        "custom-resources-have-controller",
        "letta-large-api: has kind external-secrets.io/v1/ExternalSecret, and no chart of this "
        "stack brings what acts on it; install the controller's chart of "
        "components/workloads/charts.py",
        Put(Where("Release", "-external-secrets"), "chart", "descheduler"),
    ),
    large(
        "custom-resources-have-controller",
        "letta-large-llm-queue: has kind keda.sh/v1alpha1/ScaledObject, and no chart of this stack "
        "brings what acts on it; install the controller's chart of components/workloads/charts.py",
        Gone(KEDA),
        on="vllm",
        label="gone",
    ),
    large(
        "node-autoscaler",
        "letta-large-work: may grow from 2 to 6 machines, and nothing makes it grow; "
        "install the cluster autoscaler",
        Put(Where("Release", "-cluster-autoscaler"), "chart", "descheduler"),
    ),
    large(
        "spot-for-workers-only",
        "letta-large-api: its requests would be lost on letta-large-k8s-api, which is taken back "
        "at short notice; only workers without data may be; run it on demand",
        Put(API_POOL, "capacityType", "SPOT"),
    ),
    large(
        "spot-for-workers-only",
        "letta-large-llm: a model that lies on several GPUs would be lost as a whole on "
        "letta-large-llm-p4d-24xlarge, which is taken back at short notice; only workers without "
        "data may be; run it on demand",
        Put(MODEL_POOL, "capacityType", "SPOT"),
        on="vllm",
        label="model",
    ),
    large(
        "spot-for-workers-only",
        "letta-large-llm: its data would be cut off on letta-large-llm-g5-4xlarge, which is taken "
        "back at short notice; only workers without data may be; run it on demand",
        Put(OLLAMA_POOL, "capacityType", "SPOT"),
        on="ollama",
        label="data",
    ),
    mutant(
        "current-machine-types",
        "letta-small-api: c5.large is of a former generation; consider c6i.large",
        Put(Where("LaunchTemplate", "-api"), "instanceType", "c5.large"),
        tier="small",
    ),
)

FIREWALLS = (
    large(
        "waf-present",
        "letta-large-in: has no web application firewall, large has one; set letta:ingress.waf",
        Gone(Where("WebAclAssociation")),
        label="none",
    ),
    large(
        "waf-present",
        "letta-large-in-waf: holds requests to no rules that the cloud keeps up to date; "
        "give it the managed groups of rules",
        Edit(FIREWALL, "rules", lambda rules: rules.__delitem__(slice(1, None))),
    ),
    large(
        "waf-present",
        "letta-large-in-waf: holds requests to no rules that the cloud keeps up to date; "
        "give it the managed groups of rules",
        Edit(
            FIREWALL,
            "rules",
            lambda rules: [rule.update(overrideAction={"count": {}}) for rule in rules[1:]],
        ),
        label="counts",
    ),
    large(
        "waf-passes-prompts",
        "letta-large-in-waf: refuses requests by SizeRestrictions_BODY: prompts are long and hold "
        "code, SQL and addresses; let these rules count only",
        Edit(
            FIREWALL,
            "rules",
            lambda rules: [
                overrides.remove(override)
                for rule in rules[1:]
                for overrides in [
                    rule["statement"]["managedRuleGroupStatement"]["ruleActionOverrides"]
                ]
                for override in list(overrides)
                if override["name"] == "SizeRestrictions_BODY"
            ],
        ),
    ),
    large(
        "waf-rate-limit",
        "letta-large-in-waf: lets one address send 1000000 requests in five minutes, "
        "most is 20000; set letta:ingress.waf.requests_per_five_minutes to 20000 or less",
        Put(FIREWALL, "rules.0.statement.rateBasedStatement.limit", 1_000_000),
    ),
    large(
        "waf-rate-limit",
        "letta-large-in-waf: lets one address send any number of requests in five minutes, "
        "most is 20000; set letta:ingress.waf.requests_per_five_minutes to 20000 or less",
        Put(FIREWALL, "rules.0.action", {"count": {}}),
        label="counts",
    ),
    large(
        "waf-logged",
        "letta-large-in-waf: does not write down what it refuses, must: nobody could tell why; "
        "give it a logging configuration",
        Gone(Where("WebAclLoggingConfiguration")),
    ),
)

UNKNOWNS_ONLY = (
    large("waf-logged", "", Put(Where("WebAclLoggingConfiguration"), "resourceArn", UNDETERMINED)),
)
"""Rules whose mutants take something away: what they read, not known yet."""
