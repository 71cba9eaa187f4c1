"""Pods: what each is given, what it may do, and what it survives (requirement C3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from components.args import TierArgs
from components.letta.environment import STARTUP_SECONDS
from policies.facts.model import (
    Deployment,
    DisruptionBudget,
    Machines,
    Pod,
    PodContainer,
    Service,
    unborne,
)
from policies.rules.rule import Config, Number, Rule, Violation, violation

ZONE = "topology.kubernetes.io/zone"
"""Label by which Kubernetes tells zones apart."""
MODEL_STARTUP_SECONDS = 1200
"""Shortest time that a server of a language model is given to load it: twenty minutes."""


def _servers(service: Service) -> Iterator[PodContainer]:
    """The containers of a service's pods that run Letta."""
    names = {server.container for server in service.task.servers}
    for pod in service.pods:
        for one in pod.containers:
            if one.container.container in names:
                yield one


def pod_requests_and_limits(deployment: Deployment, config: Config) -> Iterable[Violation]:
    for pod in deployment.pods:
        for one in pod.containers:
            lacking = [
                what
                for what, amount in (
                    ("CPU request", one.request_vcpus),
                    ("memory request", one.request_mib),
                    ("memory limit", one.limit_mib),
                )
                if not amount
            ]
            if lacking:
                yield violation(
                    one,
                    f"container {one.container.container} states no {' and no '.join(lacking)}",
                    "state requests and a memory limit for every container",
                )
    for service in deployment.of_role("api"):
        for one in _servers(service):
            yield from _too_little(one, config)


def _too_little(one: PodContainer, config: Config) -> Iterable[Violation]:
    for what, has, least, unit, key in (
        ("requests", one.request_vcpus, config["requestLeastVcpus"], "vCPU", "request_vcpus"),
        ("requests", one.request_mib, config["requestLeastMib"], "MiB", "request_memory_mib"),
        ("is limited to", one.limit_vcpus, config["limitLeastVcpus"], "vCPU", "task_vcpus"),
        ("is limited to", one.limit_mib, config["limitLeastMib"], "MiB", "task_memory_mib"),
    ):
        # What is not stated at all is said above; without a CPU limit there is none to keep.
        if 0 < has < least:
            yield violation(
                one,
                f"container {one.container.container} {what} {has:g} {unit}, least is {least:g}",
                f"set letta:api.{key} to {least:g} or more",
            )


def pod_disruption_budget(deployment: Deployment, _: Config) -> Iterable[Violation]:
    for service in deployment.services:
        for pod in service.pods:
            if not len(pod.budgets):
                yield violation(
                    pod,
                    "has no disruption budget: emptied machines could take all copies at once",
                    "give it one with at most one copy away",
                )
            for budget in pod.budgets:
                yield from _unkept(budget, pod)


def _unkept(budget: DisruptionBudget, pod: Pod) -> Iterable[Violation]:
    copies = pod.copies_at_least
    away = _away(budget, copies)
    if away < 1:
        yield violation(
            budget,
            f"lets none of {copies} copies go, so no machine under them can ever be emptied",
            "let one copy go",
        )
    elif copies > 1 and away >= copies:
        yield violation(
            budget, f"lets all {copies} copies go at once, one must stay", "let one copy go"
        )


def _away(budget: DisruptionBudget, copies: int) -> int:
    """Copies that may be away at once."""
    if budget.max_unavailable:
        return _count(budget.max_unavailable, copies)
    return copies - _count(budget.min_available, copies)


def _count(text: str, copies: int) -> int:
    """A number of copies, or a share of them in percent, rounded up as Kubernetes does."""
    if text.endswith("%"):
        return -(-int(text[:-1]) * copies // 100)
    return int(text)


def pod_spread(deployment: Deployment, _: Config) -> Iterable[Violation]:
    for service in deployment.services:
        for pod in service.pods:
            if pod.copies_at_most > 1 and ZONE not in pod.spread:
                yield violation(
                    pod,
                    "its copies may all stand in one zone, must be spread over zones",
                    f"give its pods a topology spread constraint on {ZONE}",
                )


def pod_security(deployment: Deployment, _: Config) -> Iterable[Violation]:
    for pod in deployment.pods:
        for one in pod.containers:
            if one.liberties:
                yield violation(
                    one,
                    f"container {one.container.container} may {', '.join(one.liberties)}; must not",
                    "use the security context of components/workloads/pods.py",
                )
        if pod.liberties:
            yield violation(pod, f"its pods may {', '.join(pod.liberties)}; must not", "remove it")
        if pod.service_links:
            yield violation(
                pod,
                "gets the addresses of all services as variables, must not: one of a service "
                "called letta-redis or vllm would be taken for a setting",
                "set enableServiceLinks to false",
            )
        if pod.token:
            yield violation(
                pod,
                "gets a token of the cluster, must get none: nothing of the stack asks the cluster",
                "set automountServiceAccountToken to false, and mount none",
            )


def startup_budget(deployment: Deployment, config: Config) -> Iterable[Violation]:
    for service in deployment.services:
        for one in _servers(service):
            yield from _in_a_hurry(one, int(config["serverLeastSeconds"]))
    for server in deployment.model_servers:
        for one in server.pod.containers:
            # Ollama's pods fetch the model before the server starts, without any limit.
            if one.gpus and server.engine == "vllm":
                yield from _in_a_hurry(one, int(config["modelLeastSeconds"]))


def _in_a_hurry(one: PodContainer, least: int) -> Iterable[Violation]:
    budgets = [probe.seconds for probe in one.container.probes if probe.kind == "startup"]
    if not budgets:
        yield violation(
            one,
            f"container {one.container.container} has no startup probe: its health is judged "
            f"before it can have started, which may take {least} s",
            "give it one",
        )
    for seconds in budgets:
        if seconds < least:
            yield violation(
                one,
                f"container {one.container.container} is killed when it is not up after "
                f"{seconds} s, least is {least} s",
                "raise the failure threshold of its startup probe",
            )


def network_policies(deployment: Deployment, _: Config) -> Iterable[Violation]:
    for pod in deployment.pods:
        for what, held in (
            ("who may call it", any(policy.inbound for policy in pod.policies)),
            ("whom it may call", any(policy.outbound for policy in pod.policies)),
        ):
            if not held:
                yield violation(
                    pod,
                    f"no network policy says {what}, so anybody may",
                    "give its namespace a policy that denies everything by default",
                )
        for policy in pod.policies:
            if policy.from_anywhere:
                yield violation(
                    policy,
                    f"lets anybody call {pod.name}, must name the callers",
                    "name pods or the load balancer's address ranges",
                )
            if policy.beyond:
                yield violation(
                    policy,
                    f"lets {pod.name} call {', '.join(policy.beyond)}, must not: clouds hand out "
                    "rights at link-local addresses, and the stack's own network is opened part "
                    "by part",
                    "name them under `except`, or name pods or narrower ranges",
                )


def known_kinds(deployment: Deployment, _: Config) -> Iterable[Violation]:
    for each in deployment.cluster_objects:
        if not each.known:
            yield violation(
                each,
                f"kind {each.kind} is not known to the rules, so nothing holds it to them",
                "remove it, or add it to policies/facts/kubernetes/types.py with what rules must "
                "read of it",
            )


def services_stay_inside(deployment: Deployment, _: Config) -> Iterable[Violation]:
    for service in deployment.cluster_services:
        called = service.type in ("NodePort", "LoadBalancer") and service.behind_balancer
        inside = service.type == "ClusterIP" or called
        if not inside or service.outside:
            yield violation(
                service,
                f"is of type {' with '.join((service.type, *service.outside))}, must be a plain "
                "ClusterIP: the stack's load balancer is the only way in",
                "set its type to ClusterIP, without externalIPs and externalName",
            )


def pods_find_a_machine(deployment: Deployment, _: Config) -> Iterable[Violation]:
    for pod in deployment.pods:
        if not len(pod.machines):
            yield violation(
                pod,
                "its pods choose machines that are in no pool of this stack",
                "choose a pool that exists",
            )
        for machines in pod.machines:
            kept_off = unborne(machines.taints, pod.tolerations)
            if kept_off:
                yield violation(
                    pod,
                    f"its pods do not bear {', '.join(map(str, kept_off))} of {machines.name}, "
                    "and would wait for ever",
                    "give them the tolerations of their pool",
                )
            yield from _does_not_fit(pod, machines)
    yield from _crowded(deployment)


def _crowded(deployment: Deployment) -> Iterable[Violation]:
    """Workloads whose pods each need a machine, and whose pool has too few."""
    tiers = {service.urn for service in deployment.services}
    workloads: dict[str, list[Pod]] = {}
    for pod in deployment.pods:
        # Servers share machines; how many of their copies fit is another rule's matter.
        if pod.urn not in tiers and _fills(pod):
            workloads.setdefault(pod.urn, []).append(pod)
    for pods in workloads.values():
        copies = sum(pod.copies_at_most for pod in pods)
        room = sum(machines.max_machines for machines in pods[0].machines)
        if copies > room:
            yield violation(
                pods[0],
                f"{copies} of its pods may run at once, each on a machine of its own, and its "
                f"pool has at most {room} machines",
                "raise the pool's maximum, or lower the most copies",
            )


def _does_not_fit(pod: Pod, machines: Machines) -> Iterable[Violation]:
    gpus = sum(one.gpus for one in pod.containers if not one.first)
    for what, needs, has in (
        ("vCPU", pod.task.vcpus, machines.usable_vcpus),
        ("MiB", pod.task.memory_mib, machines.usable_mib),
        ("GPUs", gpus, machines.gpus),
    ):
        if needs > has:
            yield violation(
                pod,
                f"a pod needs {needs:g} {what}, a {machines.type} of {machines.name} leaves it "
                f"{has:g}",
                "lower its requests, or choose a larger machine",
            )


def _fills(pod: Pod) -> bool:
    """Whether one pod leaves no room for a second on its machine."""
    return any(
        2 * pod.task.vcpus > machines.usable_vcpus or 2 * pod.task.memory_mib > machines.usable_mib
        for machines in pod.machines
    )


def _least(name: str, what: str, default: float) -> Number:
    return Number(
        name=name, description=f"{what} (C3).", default=default, minimum=0, maximum=1_000_000
    )


RULES = (
    Rule(
        name="pod-requests-and-limits",
        description="Every container states what it needs, and API pods get what C3 says.",
        severity="high",
        check=pod_requests_and_limits,
        numbers=(
            _least(
                "requestLeastVcpus",
                "Least CPU request of an API pod, vCPU",
                TierArgs.model_fields["request_vcpus"].default,
            ),
            _least(
                "requestLeastMib",
                "Least memory request of an API pod, MiB",
                TierArgs.model_fields["request_memory_mib"].default,
            ),
            _least("limitLeastVcpus", "Least CPU limit of an API pod, vCPU", 2),
            _least("limitLeastMib", "Least memory limit of an API pod, MiB", 4096),
        ),
    ),
    Rule(
        name="pod-disruption-budget",
        description="Emptied machines take one copy of a server after the other.",
        severity="high",
        check=pod_disruption_budget,
    ),
    Rule(
        name="pod-spread",
        description="Copies of a server stand in different zones.",
        severity="high",
        check=pod_spread,
    ),
    Rule(
        name="pod-security",
        description="Pods run without root, rights in the cluster, or a file system to write.",
        severity="high",
        check=pod_security,
    ),
    Rule(
        name="startup-budget",
        description="A container is given the time that its start may take.",
        severity="high",
        check=startup_budget,
        numbers=(
            Number(
                name="serverLeastSeconds",
                description="Shortest start that a server is given, seconds.",
                default=STARTUP_SECONDS,
                minimum=1,
                maximum=3600,
            ),
            Number(
                name="modelLeastSeconds",
                description="Shortest start that a server of a language model is given, seconds.",
                default=MODEL_STARTUP_SECONDS,
                minimum=1,
                maximum=86_400,
            ),
        ),
    ),
    Rule(
        name="network-policies",
        description="Policies say for all pods who may call them and whom they may call.",
        severity="high",
        check=network_policies,
    ),
    Rule(
        name="known-kinds",
        description="A stack holds only kinds of Kubernetes objects that rules know; no rights.",
        severity="high",
        check=known_kinds,
    ),
    Rule(
        name="services-stay-inside",
        description="Services of the cluster are reached from inside it alone.",
        severity="high",
        check=services_stay_inside,
    ),
    Rule(
        name="pods-find-a-machine",
        description="All pods have a pool that lets them in and that holds them.",
        severity="high",
        check=pods_find_a_machine,
    ),
)
