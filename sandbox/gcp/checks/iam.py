"""Members of policies."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sandbox.cloud import Properties
from sandbox.errors import Problem
from sandbox.gcp.checks import kms
from sandbox.gcp.cloud import GcpCloud

ACCOUNT = "gcp:serviceaccount/account:Account"
CLUSTER = "gcp:container/cluster:Cluster"
IDENTITY = "gcp:projects/serviceIdentity:ServiceIdentity"
AGENTS = {
    "sqladmin.googleapis.com": "gcp-sa-cloud-sql",
    "secretmanager.googleapis.com": "gcp-sa-secretmanager",
    "redis.googleapis.com": "cloud-redis",
    "pubsub.googleapis.com": "gcp-sa-pubsub",
    "run.googleapis.com": "serverless-robot-prod",
    "container.googleapis.com": "container-engine-robot",
    "compute.googleapis.com": "compute-system",
}
"""API -> domain of its service agent (IAM documentation, "Service agents")."""
ALWAYS_THERE = ("container-engine-robot", "compute-system", "serverless-robot-prod")
"""Agents that come with their API."""
_MEMBER = re.compile(
    r"(allUsers|allAuthenticatedUsers|(user|group|serviceAccount):[^@\s]+@[^@\s]+|domain:\S+|"
    r"(principal|principalSet)://\S+|serviceAccount:[^\s]+\.svc\.id\.goog\[\S+\])"
)
_POOL = re.compile(
    r"principal://iam\.googleapis\.com/projects/\d+/locations/global/workloadIdentityPools/"
    r"(?P<pool>[^/]+\.svc\.id\.goog)/subject/ns/[a-z0-9-]+/sa/[a-z0-9-]+"
)
_AGENT = re.compile(r"serviceAccount:service-\d+@(?P<domain>[a-z0-9-]+)\.iam\.gserviceaccount\.com")


def member_is_well_formed(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """A member says what it is: `serviceAccount:`, `user:`, `group:`."""
    member = properties["member"]
    if not _MEMBER.fullmatch(member):
        yield Problem(
            "member",
            f"{member!r} is no member: begin it with serviceAccount:, user:, group:, domain: or "
            "principal://",
        )


def member_exists(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """A service account of the project exists before it is granted anything."""
    member = properties["member"]
    agent = _AGENT.fullmatch(member)
    if agent:
        yield from _agent_exists(agent["domain"], member, cloud)
        return
    pool = _POOL.match(member)
    if pool:
        yield from _pool_exists(pool["pool"], cloud)
        return
    own = f"@{cloud.project}.iam.gserviceaccount.com"
    if member.startswith("serviceAccount:") and member.endswith(own):
        email = member.removeprefix("serviceAccount:")
        if cloud.find(ACCOUNT, "email", email) is None:
            yield Problem("member", f"Error 400: Service account {email} does not exist")


def _agent_exists(domain: str, member: str, cloud: GcpCloud) -> Iterator[Problem]:
    if domain in ALWAYS_THERE or member == kms.storage_agent(cloud):
        return
    made = {AGENTS.get(item.get("service")) for item in cloud.all(IDENTITY)}
    if domain not in made:
        yield Problem(
            "member",
            f"Error 400: Service account {member.removeprefix('serviceAccount:')} does not exist: "
            "make it by a ServiceIdentity first",
        )


def _pool_exists(pool: str, cloud: GcpCloud) -> Iterator[Problem]:
    """The pool of a project's clusters comes with the first of them."""
    known = {item.get("workloadIdentityConfig.workloadPool") for item in cloud.all(CLUSTER)}
    if pool not in known:
        yield Problem(
            "member",
            f"Error 400: Identity Pool does not exist ({pool}): make a cluster with it first, and "
            "depend on it",
        )


def email(properties: Properties, cloud: GcpCloud) -> str:
    """The address of a service account."""
    return f"{properties['accountId']}@{cloud.project}.iam.gserviceaccount.com"


def identity_email(properties: Properties, cloud: GcpCloud) -> str:
    """The address of the account by which a service of Google's acts in the project."""
    domain = AGENTS[properties["service"]]
    return f"service-{cloud.number}@{domain}.iam.gserviceaccount.com"


def service_has_identity(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """Only services that are known here."""
    if properties["service"] not in AGENTS:
        yield Problem(
            "service",
            f"{properties['service']} is not known here; known: {', '.join(sorted(AGENTS))}",
        )
