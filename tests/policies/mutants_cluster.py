"""Bad configurations of a cluster, its storage, its firewall and its models; see `mutants.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from policies.facts.resource import UNDETERMINED
from tests.policies.changes import Added, Edit, Gone, Put, Where
from tests.policies.mutants import mutant
from tests.policies.mutants_pods import (
    API_POOL,
    CONTAINER,
    EMBED,
    environment,
    large,
)

PLANE = Where("Cluster", "-k8s")
FIREWALL = Where("WebAcl")
EMBED_POOL = Where("eks/nodeGroup:NodeGroup", "-embed-g4dn-xlarge")
MODEL = Where("Deployment", "-llm")
MODEL_POOL = Where("eks/nodeGroup:NodeGroup", "-llm-p4d-24xlarge")
OLLAMA_POOL = Where("eks/nodeGroup:NodeGroup", "-llm-g5-4xlarge")
PLUGIN = Where("Release", "-nvidia-device-plugin")
METRICS_VOLUME = Where("PersistentVolumeClaim", "-metrics")


def option(name: str, value: str) -> Callable[[list[str]], None]:
    """Sets an option of a command line."""

    def change(words: list[str]) -> None:
        words[words.index(name) + 1] = value

    return change


def argument(name: str, value: str, where: Where = MODEL) -> Edit:
    """The same, of the first container of a workload."""
    return Edit(where, f"{CONTAINER}.args", option(name, value))


def entry(name: str) -> Callable[[list[dict[str, Any]]], None]:
    """Takes a variable out of what is fetched from the store."""
    return lambda entries: entries.remove(next(e for e in entries if e["secretKey"] == name))


def taint_gone(key: str) -> Callable[[list[dict[str, Any]]], None]:
    """Takes a taint off."""
    return lambda taints: taints.remove(next(t for t in taints if t["key"] == key))


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

MODELS = (
    large(
        "gpu-memory-holds-model",
        "letta-large-llm: 1 × p4d.24xlarge (8 × NVIDIA A100, 40 GiB each) let vLLM fill 282.2 GiB; "
        "llama-3.3-70b-fp8 at 131072 tokens × 8 requests needs 427.7 GiB: 67.7 weights + 320.0 KV "
        "cache + 40.0 overhead; lower context or concurrency, or choose more memory",
        argument("--max-model-len", "131072"),
        on="vllm",
    ),
    large(
        "gpu-memory-holds-model",
        "letta-large-llm: serves my/model, which is not in the catalogue: nobody can say what "
        "memory it needs; choose a model of components/models/llms.py",
        Edit(MODEL, f"{CONTAINER}.args", lambda words: words.__setitem__(0, "my/model")),
        on="vllm",
        label="unknown model",
    ),
    large(
        "gpu-memory-holds-model",
        "letta-large-llm: 1 × g5.4xlarge (1 × NVIDIA A10G, 22.3516 GiB each) let Ollama fill "
        "20.8 GiB; llama-3.1-8b at 131072 tokens × 2 requests needs 38.6 GiB: 4.6 weights + 32.0 "
        "KV cache + 2.0 overhead; lower context or concurrency, or choose more memory",
        environment("OLLAMA_CONTEXT_LENGTH", "131072", MODEL),
        on="ollama",
        label="ollama",
    ),
    large(
        "tensor-parallel-equals-gpus",
        "letta-large-llm: splits its model over 4 GPUs of a machine, and a pod has 8; "
        "make both the same",
        argument("--tensor-parallel-size", "4"),
        argument("--max-model-len", "4096"),
        on="vllm",
    ),
    large(
        "tensor-parallel-equals-gpus",
        "letta-large-llm: splits its model over 4 machines, and a copy has 3; make both the same",
        Edit(
            Where("LeaderWorkerSet"),
            "spec.leaderWorkerTemplate.leaderTemplate.spec.containers.0.args",
            option("--pipeline-parallel-size", "4"),
        ),
        on="nodes",
        label="machines",
    ),
    large(
        "gpus-reserved-and-usable",
        "letta-large-embed-g4dn-xlarge: has GPUs and lets any pod in; "
        "taint it nvidia.com/gpu=present:NoSchedule",
        Edit(EMBED_POOL, "taints", taint_gone("nvidia.com/gpu")),
    ),
    large(
        "gpus-reserved-and-usable",
        "letta-large-embed-g4dn-xlarge: has GPUs and an image without their driver; "
        "choose the NVIDIA image",
        Put(EMBED_POOL, "amiType", "AL2023_x86_64_STANDARD"),
        label="driver",
    ),
    large(
        "gpus-reserved-and-usable",
        "letta-large-embed-g4dn-xlarge: no device plugin runs there (it bears "
        "letta.cloud/pool=embedding:NoSchedule, nvidia.com/gpu=present:NoSchedule): its GPUs are "
        "invisible; install the NVIDIA device plugin with these tolerations",
        Put(PLUGIN, "values.tolerations", [{"key": "nvidia.com/gpu", "operator": "Exists"}]),
        label="plugin",
    ),
    large(
        "gpus-reserved-and-usable",
        "letta-large-embed-g4dn-xlarge: no device plugin runs there (it bears "
        "letta.cloud/pool=embedding:NoSchedule, nvidia.com/gpu=present:NoSchedule): its GPUs are "
        "invisible; install the NVIDIA device plugin with these tolerations",
        Gone(PLUGIN),
        label="no plugin",
    ),
    large(
        "embedding-image-fits-card",
        "letta-large-embed: runs ghcr.io/huggingface/text-embeddings-inference:86-1.9.3, NVIDIA T4 "
        "need ghcr.io/huggingface/text-embeddings-inference:turing-1.9.3; set its image",
        Put(
            EMBED,
            f"{CONTAINER}.image",
            "ghcr.io/huggingface/text-embeddings-inference:86-1.9.3",
        ),
    ),
    large(
        "embedding-image-fits-card",
        "letta-large-embed: runs ghcr.io/huggingface/text-embeddings-inference:turing-1.9.3, CPUs "
        "need ghcr.io/huggingface/text-embeddings-inference:cpu-1.9.3; set its image",
        Put(
            EMBED,
            f"{CONTAINER}.image",
            "ghcr.io/huggingface/text-embeddings-inference:turing-1.9.3",
        ),
        on="cpu",
        label="cpu",
    ),
    large(
        "model-address-in-cluster",
        "letta-large-api: VLLM_API_BASE is http://vllm.models.svc.cluster.local:8000/v1, where no "
        "service of this stack answers; name a service of the stack, with its namespace and port",
        environment("VLLM_API_BASE", "http://vllm.models.svc.cluster.local:8000/v1"),
        on="vllm",
    ),
    large(
        "model-address-in-cluster",
        "letta-large-work: container server has no OLLAMA_BASE_URL, so it never finds the model "
        "that this stack serves; set OLLAMA_BASE_URL to the address of its service",
        environment("OLLAMA_BASE_URL", "", Where("Deployment", "-work")),
        on="ollama",
        label="none",
    ),
    large(
        "gated-model-has-token",
        "letta-large-llm: meta-llama/Llama-3.3-70B-Instruct is given only to those who accepted "
        "its licence, and the server has no HF_TOKEN; "
        "set letta:llm.vllm.hugging_face_token or hugging_face_token_secret_arn",
        Edit(
            MODEL,
            f"{CONTAINER}.args",
            lambda words: words.__setitem__(0, "meta-llama/Llama-3.3-70B-Instruct"),
        ),
        on="vllm",
    ),
)

UNKNOWNS_ONLY = (
    large("waf-logged", "", Put(Where("WebAclLoggingConfiguration"), "resourceArn", UNDETERMINED)),
)
"""Rules whose mutants take something away: what they read, not known yet."""
