"""Who can reach, read or change what."""

from __future__ import annotations

import re
from collections.abc import Iterable

from components.letta.environment import ENCRYPTION_KEY, SERVER_PASSWORD
from policies.facts.model import Deployment, InboundRule
from policies.rules import plaintext
from policies.rules.rule import Config, Number, Rule, Violation, missing, violation

HTTP_PORT = 80
HTTPS_PORT = 443

_PINNED = re.compile(r".+(@sha256:[0-9a-f]{64}|:(?!latest$)[A-Za-z0-9_][A-Za-z0-9_.-]*)$")


def server_secured(deployment: Deployment, _: Config) -> Iterable[Violation]:
    yield from missing(deployment, deployment.services, "tier of servers")
    for service in deployment.services:
        yield from missing(deployment, service.task.servers, f"server in {service.name}")
        for server in service.task.servers:
            if not server.secure:
                yield violation(
                    server,
                    f"container {server.container} answers anybody, must ask for a password",
                    "set LETTA_SERVER_SECURE to true",
                )
            for variable in (SERVER_PASSWORD, ENCRYPTION_KEY):
                if variable not in server.references:
                    yield violation(
                        server,
                        f"container {server.container} gets no {variable} from the secret store",
                        "hand it over by reference",
                    )


def pinned_images(deployment: Deployment, _: Config) -> Iterable[Violation]:
    yield from missing(deployment, deployment.tasks, "task")
    for task in deployment.tasks:
        for container in task.containers:
            if not _PINNED.fullmatch(container.image.rsplit("/", 1)[-1]):
                yield violation(
                    container,
                    f"container {container.container} runs {container.image}, "
                    "must name a version or a digest",
                    "pin its tag",
                )


def no_plain_secret(deployment: Deployment, _: Config) -> Iterable[Violation]:
    yield from missing(deployment, deployment.texts, "text to look at")
    confidential = plaintext.Confidential(deployment.confidential)
    for text in deployment.texts:
        value = str(text.value)
        found = plaintext.shape(value)
        if not found and text.variable and value:
            found = "a secret" if plaintext.SECRET_NAME.search(text.variable) else ""
        if not found and confidential.appears_in(value):
            found = "a value that the stack keeps secret"
        if found:
            yield violation(
                text,
                f"{text.place} holds {found} in plain text",
                "keep it in the secret store and refer to it, and replace it: it was exposed",
            )


def database_private(deployment: Deployment, _: Config) -> Iterable[Violation]:
    yield from missing(deployment, deployment.databases, "database")
    for database in deployment.databases:
        for one in (database, *database.replicas):
            if one.public:
                yield violation(
                    one,
                    "has an address on the internet, must have none",
                    "set letta:database.publicly_accessible to false",
                )
        yield from _strangers(database.sources, "the database")


def cache_private(deployment: Deployment, _: Config) -> Iterable[Violation]:
    yield from missing(deployment, deployment.caches, "cache")
    for cache in deployment.caches:
        yield from _strangers(cache.sources, "the cache")


def _strangers(sources: Iterable[InboundRule], what: str) -> Iterable[Violation]:
    """Address ranges that may connect; the whole internet is another rule's matter."""
    for source in sources:
        if source.network and not source.from_anywhere:
            yield violation(
                source,
                f"lets {source.network} connect to {what}, must let security groups only",
                "admit the servers' security group instead",
            )


def open_to_the_world(deployment: Deployment, _: Config) -> Iterable[Violation]:
    yield from missing(deployment, deployment.inbound, "security group rule")
    for rule in deployment.inbound:
        if not rule.from_anywhere:
            continue
        first, last = rule.ports
        if not (rule.way_in and rule.protocol == "tcp" and first == last):
            fits = False
        else:
            fits = first in (HTTP_PORT, HTTPS_PORT)
        if not fits:
            ports = f"{first}" if first == last else f"{first} to {last}"
            yield violation(
                rule,
                f"opens {rule.group} to the internet on {rule.protocol} {ports}, only ports "
                f"{HTTP_PORT} and {HTTPS_PORT} of the way in may be",
                "narrow its address range or remove it",
            )


def tls_listener(deployment: Deployment, _: Config) -> Iterable[Violation]:
    if not len(deployment.load_balancers) and not len(deployment.proxies):
        yield violation(
            deployment, "nothing answers HTTPS", "build the stack with infra.stack.Deployment"
        )
    for balancer in deployment.load_balancers:
        if not any(listener.tls for listener in balancer.listeners):
            yield violation(
                balancer, "has no TLS listener", "set letta:ingress.hosted_zone or certificate"
            )
        for listener in balancer.listeners:
            if listener.tls and not listener.modern_tls:
                yield violation(
                    listener,
                    f"offers TLS by {listener.tls_policy or 'the default policy'}, must offer 1.3 "
                    "and nothing below 1.2",
                    "give it the cloud's policy for 1.3 and 1.2",
                )
            if not listener.tls and not listener.redirects_to_tls:
                yield violation(
                    listener,
                    f"answers in plain text on port {listener.port}, may only redirect to HTTPS",
                    "make its default action a redirect",
                )


def iam_least_privilege(deployment: Deployment, _: Config) -> Iterable[Violation]:
    yield from missing(deployment, deployment.grants, "access policy")
    for grant in deployment.grants:
        wild = [action for action in grant.actions if "*" in action]
        if wild or grant.everything_but:
            yield violation(
                grant,
                f"allows {', '.join(wild) or 'everything but a list'}, must name each action",
                "name the actions",
            )
        if grant.foreign:
            yield violation(
                grant,
                f"attaches {grant.foreign}, which others wrote, must list its own actions",
                "write the policy out",
            )
        if grant.anyone:
            yield violation(
                grant, "admits anybody, must name who may", "name the principal or a condition"
            )
        if "*" in grant.resources:
            confinable = [one for one in grant.actions if one not in grant.unscopable]
            if confinable:
                yield violation(
                    grant,
                    f"allows {', '.join(confinable)} on every resource, must name them",
                    "name the resources",
                )


def imds_v2(deployment: Deployment, config: Config) -> Iterable[Violation]:
    most = int(config["mostHops"])
    for machines in deployment.machines:
        if not machines.metadata_needs_token:
            yield violation(
                machines,
                "its metadata service answers without a session token, must ask for one",
                "require IMDSv2",
            )
        if machines.metadata_hops > most:
            yield violation(
                machines,
                f"its metadata travels {machines.metadata_hops} hops, most is {most}: containers "
                "could take the machine's credentials",
                f"set the hop limit to {most}",
            )


RULES = (
    Rule(
        name="server-secured",
        description="Servers ask for a password, and encrypt with a key, that the stack generated.",
        severity="critical",
        check=server_secured,
    ),
    Rule(
        name="pinned-images",
        description="Every container names the version of its image.",
        severity="medium",
        check=pinned_images,
    ),
    Rule(
        name="no-plain-secret",
        description="No secret stands in plain text anywhere in the stack.",
        severity="critical",
        check=no_plain_secret,
    ),
    Rule(
        name="database-private",
        description="Only security groups of the stack reach the database.",
        severity="critical",
        check=database_private,
    ),
    Rule(
        name="cache-private",
        description="Only security groups of the stack reach the cache.",
        severity="critical",
        check=cache_private,
    ),
    Rule(
        name="open-to-the-world",
        description="The internet reaches nothing but the web ports of the way in.",
        severity="critical",
        check=open_to_the_world,
    ),
    Rule(
        name="tls-listener",
        description="The way in speaks TLS 1.3 and answers in plain text with a redirect only.",
        severity="critical",
        check=tls_listener,
    ),
    Rule(
        name="iam-least-privilege",
        description="Access policies name their actions, their resources and who may.",
        severity="high",
        check=iam_least_privilege,
    ),
    Rule(
        name="imds-v2",
        description="Containers cannot take their machine's credentials.",
        severity="high",
        check=imds_v2,
        numbers=(
            Number(
                name="mostHops",
                description="Most network hops of the metadata service's answer.",
                default=1,
                minimum=1,
                maximum=64,
            ),
        ),
    ),
)
