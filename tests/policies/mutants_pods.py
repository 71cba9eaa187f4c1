"""Bad configurations of what runs on a cluster; see `mutants.py`."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from tests.policies.changes import Added, Change, Edit, Gone, Put, Resources, Where
from tests.policies.mutants import Mutant, mutant

API = Where("Deployment", "-api")
WORK = Where("Deployment", "-work")
EMBED = Where("Deployment", "-embed")
BOOT = Where("Job", "-boot")
API_POOL = Where("eks/nodeGroup:NodeGroup", "-k8s-api")
API_TEMPLATE = Where("LaunchTemplate", "-k8s-api")
API_SCALING = Where("HorizontalPodAutoscaler", "-api")
API_SERVICE = Where("Service", "-api")
API_ACCESS = Where("NetworkPolicy", "-large-api")

POD = "spec.template.spec"
CONTAINER = f"{POD}.containers.0"
SECURITY = f"{CONTAINER}.securityContext"
INTERNET_BUT = "spec.egress.2.to.0.ipBlock.except"
PROMISED = "components/workloads/pods.py"


def large(rule: str, message: str, *changes: Any, label: str = "", on: str = "large") -> Mutant:  # noqa: ANN401
    """A bad configuration of a large stack."""
    return mutant(rule, message, *changes, label=label, tier=on)


def variable(name: str, value: str | None) -> Callable[[list[dict[str, Any]]], None]:
    """Sets a variable in a container's environment, or takes it away."""

    def change(entries: list[dict[str, Any]]) -> None:
        entries[:] = [one for one in entries if one["name"] != name]
        if value is not None:
            entries.append({"name": name, "value": value})

    return change


def environment(name: str, value: str | None, where: Where = API) -> Edit:
    """The same, of the first container of a workload."""
    return Edit(where, f"{CONTAINER}.env", variable(name, value))


def without(key: str) -> Callable[[dict[str, Any]], None]:
    """Takes something away."""
    return lambda found: found.__delitem__(key)


def bare(kind: str, **security: object) -> Change:
    """Pods beside those of the embedding server, made in another way, one container's security
    context changed."""

    def change(resources: Resources) -> Resources:
        workload = next(one for one in resources if EMBED.holds(one)).properties
        made = copy.deepcopy(workload["spec"]["template"])
        namespace = workload["metadata"]["namespace"]
        made["spec"]["containers"][0]["securityContext"] |= security
        api = {"ReplicaSet": "apps/v1"}.get(kind, "v1")
        spec: Any = {"template": made}
        if kind == "Pod":
            spec = made["spec"]
        elif kind == "ReplicaSet":
            spec["selector"] = {"matchLabels": made["metadata"]["labels"]}
        token = api if "/" in api else f"core/{api}"
        properties = {
            "apiVersion": api,
            "kind": kind,
            "metadata": {**made["metadata"], "name": "bare", "namespace": namespace},
            "spec": spec,
        }
        return Added(f"kubernetes:{token}:{kind}", "letta-large-bare", properties)(resources)

    return change


def unknown_kind(api: str, kind: str, **properties: object) -> Added:
    """An object of a kind that no rule reads."""
    metadata = {"name": "more", "namespace": "letta"}
    said = {"apiVersion": api, "kind": kind, "metadata": metadata, **properties}
    return Added(f"kubernetes:{api}:{kind}", "letta-large-more", said)


ADMIN = {
    "roleRef": {
        "apiGroup": "rbac.authorization.k8s.io",
        "kind": "ClusterRole",
        "name": "cluster-admin",
    },
    "subjects": [{"kind": "ServiceAccount", "name": "letta-large-api", "namespace": "letta"}],
}
RBAC = "rbac.authorization.k8s.io/v1"
TOKEN = (
    "letta-large-{}: gets a token of the cluster, must get none: nothing of the stack asks the "
    "cluster; set automountServiceAccountToken to false, and mount none"
)
BEYOND = (
    "letta-large-api: lets letta-large-api call {}, must not: clouds hand out rights at link-local "
    "addresses, and the stack's own network is opened part by part; name them under `except`, or "
    "name pods or narrower ranges"
)
INSIDE = (
    "letta-large-api: is of type {}, must be a plain ClusterIP: the stack's load balancer is the "
    "only way in; set its type to ClusterIP, without externalIPs and externalName"
)
RULES_KNOW = (
    "is not known to the rules, so nothing holds it to them; remove it, or add it to "
    "policies/facts/kubernetes/types.py with what rules must read of it"
)

PODS = (
    large(
        "pod-requests-and-limits",
        "letta-large-api: container server requests 0.1 vCPU, least is 0.5; "
        "set letta:api.request_vcpus to 0.5 or more",
        Put(API, f"{CONTAINER}.resources.requests.cpu", "100m"),
    ),
    large(
        "pod-requests-and-limits",
        "letta-large-api: container server is limited to 2048 MiB, least is 4096; "
        "set letta:api.task_memory_mib to 4096 or more",
        Put(API, f"{CONTAINER}.resources.limits.memory", "2Gi"),
        label="limit",
    ),
    large(
        "pod-requests-and-limits",
        "letta-large-boot: container bootstrap states no memory limit; "
        "state requests and a memory limit for every container",
        Edit(BOOT, f"{CONTAINER}.resources.limits", without("memory")),
        label="none",
    ),
    large(
        "pod-disruption-budget",
        "letta-large-api: lets none of 2 copies go, so no machine under them can ever be emptied; "
        "let one copy go",
        Put(Where("PodDisruptionBudget", "-api"), "spec.maxUnavailable", 0),
    ),
    large(
        "pod-disruption-budget",
        "letta-large-api: lets all 2 copies go at once, one must stay; let one copy go",
        Put(Where("PodDisruptionBudget", "-api"), "spec.maxUnavailable", "75%"),
        label="all",
    ),
    large(
        "pod-disruption-budget",
        "letta-large-work: has no disruption budget: emptied machines could take all copies at "
        "once; give it one with at most one copy away",
        Gone(Where("PodDisruptionBudget", "-work")),
        label="none",
    ),
    large(
        "pod-disruption-budget",
        "letta-large-work: has no disruption budget: emptied machines could take all copies at "
        "once; give it one with at most one copy away",
        Put(Where("PodDisruptionBudget", "-work"), "metadata.namespace", "default"),
        label="elsewhere",
    ),
    large(
        "pod-spread",
        "letta-large-api: its copies may all stand in one zone, must be spread over zones; "
        "give its pods a topology spread constraint on topology.kubernetes.io/zone",
        Put(API, f"{POD}.topologySpreadConstraints", []),
    ),
    large(
        "pod-spread",
        "letta-large-api: its copies may all stand in one zone, must be spread over zones; "
        "give its pods a topology spread constraint on topology.kubernetes.io/zone",
        Put(
            API,
            f"{POD}.topologySpreadConstraints.0.labelSelector.matchLabels",
            {"app.kubernetes.io/instance": "letta-large-work"},
        ),
        label="other pods",
    ),
    large(
        "pod-security",
        "letta-large-api: container server may write its root file system; must not; "
        f"use the security context of {PROMISED}",
        Put(API, f"{SECURITY}.readOnlyRootFilesystem", False),
    ),
    large(
        "pod-security",
        "letta-large-work: container server may run as root, gain rights while it runs, keep "
        f"capabilities of root, make any system call; must not; use the security context of "
        f"{PROMISED}",
        Put(WORK, SECURITY, {"readOnlyRootFilesystem": True}),
        Put(WORK, f"{POD}.securityContext", {}),
        label="bare",
    ),
    large(
        "pod-security",
        "letta-large-api: container server may run as root; must not; "
        f"use the security context of {PROMISED}",
        Put(API, f"{SECURITY}.runAsUser", 0),
        label="user 0",
    ),
    large(
        "pod-security",
        "letta-large-api: gets the addresses of all services as variables, must not: one of a "
        "service called letta-redis or vllm would be taken for a setting; "
        "set enableServiceLinks to false",
        Put(API, f"{POD}.enableServiceLinks", None),
        label="links",
    ),
    large(
        "pod-security",
        TOKEN.format("embed"),
        Put(EMBED, f"{POD}.automountServiceAccountToken", True),
        label="token",
    ),
    large(
        "pod-security",
        "letta-large-api: its pods may use the machine's network; must not; remove it",
        Put(API, f"{POD}.hostNetwork", True),
        label="machine",
    ),
    large(
        "pod-security",
        TOKEN.format("api"),
        Edit(
            API,
            f"{POD}.volumes",
            lambda volumes: volumes.append(
                {
                    "name": "token",
                    "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]},
                }
            ),
        ),
        label="projected token",
    ),
    *(
        large(
            "pod-security",
            "letta-large-bare: container embedding may do on the machine what root may; must not; "
            f"use the security context of {PROMISED}",
            bare(kind, privileged=True),
            on="cpu",
            label=kind,
        )
        for kind in ("Pod", "ReplicaSet", "ReplicationController")
    ),
    large(
        "known-kinds",
        "letta-large-api: kind elbv2.k8s.aws/v1beta1:TargetGroupBinding " + RULES_KNOW,
        Put(Where("TargetGroupBinding", "-api"), "kind", "Other"),
        label="another name",
    ),
    *(
        large(
            "known-kinds",
            f"letta-large-more: kind {api}:{kind} {RULES_KNOW}",
            unknown_kind(api, kind, **properties),
            label=kind,
        )
        for api, kind, properties in (
            (RBAC, "ClusterRoleBinding", ADMIN),
            (RBAC, "RoleBinding", ADMIN),
            ("networking.k8s.io/v1", "Ingress", {"spec": {"ingressClassName": "alb"}}),
            ("gateway.networking.k8s.io/v1", "GRPCRoute", {"spec": {}}),
            ("apps/v1", "DeploymentPatch", {}),
        )
    ),
    *(
        large(
            "services-stay-inside",
            INSIDE.format(kind),
            Put(API_SERVICE, "spec.type", kind),
            label=kind,
        )
        for kind in ("LoadBalancer", "NodePort", "ExternalName")
    ),
    large(
        "services-stay-inside",
        INSIDE.format("ClusterIP with 203.0.113.7"),
        Put(API_SERVICE, "spec.externalIPs", ["203.0.113.7"]),
        label="external address",
    ),
    large(
        "startup-budget",
        "letta-large-api: container server is killed when it is not up after 50 s, "
        "least is 180 s; raise the failure threshold of its startup probe",
        Put(API, f"{CONTAINER}.startupProbe.failureThreshold", 10),
    ),
    large(
        "startup-budget",
        "letta-large-llm: container vllm is killed when it is not up after 500 s, "
        "least is 1200 s; raise the failure threshold of its startup probe",
        Put(Where("Deployment", "-llm"), f"{CONTAINER}.startupProbe.failureThreshold", 100),
        on="vllm",
        label="model",
    ),
    large(
        "startup-budget",
        "letta-large-work: container server has no startup probe: its health is judged before it "
        "can have started, which may take 180 s; give it one",
        Put(WORK, f"{CONTAINER}.startupProbe", None),
        label="none",
    ),
    large(
        "network-policies",
        "letta-large-api: no network policy says who may call it, so anybody may; "
        "give its namespace a policy that denies everything by default",
        Put(API_ACCESS, "spec.policyTypes", ["Egress"]),
        Gone(Where("NetworkPolicy", "-default-deny")),
    ),
    large(
        "network-policies",
        "letta-large-api: lets anybody call letta-large-api, must name the callers; "
        "name pods or the load balancer's address ranges",
        Put(API_ACCESS, "spec.ingress", [{"ports": [{"protocol": "TCP", "port": 8283}]}]),
        label="anybody",
    ),
    large(
        "network-policies",
        "letta-large-api: lets anybody call letta-large-api, must name the callers; "
        "name pods or the load balancer's address ranges",
        Put(API_ACCESS, "spec.ingress.0.from.0.ipBlock.cidr", "0.0.0.0/1"),
        label="half of anybody",
    ),
    large(
        "network-policies",
        BEYOND.format("169.254.0.0/16"),
        Put(API_ACCESS, INTERNET_BUT, ["10.0.0.0/16", "172.20.0.0/16"]),
        label="metadata",
    ),
    large(
        "network-policies",
        BEYOND.format("169.254.0.0/16"),
        Put(API_ACCESS, "spec.egress.0.to.0.ipBlock.cidr", "169.254.169.254/32"),
        label="metadata alone",
    ),
    large(
        "network-policies",
        BEYOND.format("10.0.48.0/21, 10.0.56.0/21, 10.0.80.0/21, 10.0.88.0/21"),
        Put(API_ACCESS, INTERNET_BUT, ["169.254.0.0/16", "172.20.0.0/16", "10.0.16.0/20"]),
        label="own network",
    ),
    large(
        "network-policies",
        BEYOND.format(
            "169.254.0.0/16, fe80::/10, fc00::/7, 10.0.16.0/21, 10.0.24.0/21, 10.0.48.0/21, "
            "10.0.56.0/21, 10.0.80.0/21, 10.0.88.0/21"
        ),
        Put(API_ACCESS, "spec.egress", [{"ports": [{"protocol": "TCP", "port": 443}]}]),
        label="whomever",
    ),
    large(
        "pods-find-a-machine",
        "letta-large-embed: its pods do not bear letta.cloud/pool=embedding:NoSchedule, "
        "nvidia.com/gpu=present:NoSchedule of letta-large-embed-g4dn-xlarge, and would wait for "
        "ever; give them the tolerations of their pool",
        Put(EMBED, f"{POD}.tolerations", []),
    ),
    large(
        "pods-find-a-machine",
        "letta-large-embed: its pods choose machines that are in no pool of this stack; "
        "choose a pool that exists",
        Put(EMBED, f"{POD}.nodeSelector", {"letta.cloud/pool": "embeddings"}),
        label="pool",
    ),
    large(
        "pods-find-a-machine",
        "letta-large-embed: 2 of its pods may run at once, each on a machine of its own, and its "
        "pool has at most 1 machines; raise the pool's maximum, or lower the most copies",
        Put(Where("eks/nodeGroup:NodeGroup", "-embed-g4dn-xlarge"), "scalingConfig.maxSize", 1),
        label="machines",
    ),
    large(
        "pods-find-a-machine",
        "letta-large-llm: 9 of its pods may run at once, each on a machine of its own, and its "
        "pool has at most 6 machines; raise the pool's maximum, or lower the most copies",
        Put(Where("ScaledObject", "-queue"), "spec.maxReplicaCount", 3),
        on="nodes",
        label="groups",
    ),
    large(
        "pods-find-a-machine",
        "letta-large-boot: a pod needs 65536 MiB, a m5.2xlarge of letta-large-k8s-api leaves it "
        "30136.6; lower its requests, or choose a larger machine",
        Put(BOOT, f"{CONTAINER}.resources.requests.memory", "64Gi"),
        label="size",
    ),
)
