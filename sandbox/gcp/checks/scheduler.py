"""Cloud Scheduler."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sandbox.cloud import Properties
from sandbox.errors import Problem
from sandbox.gcp.checks.links import tail
from sandbox.gcp.cloud import GcpCloud

JOB = "gcp:cloudrunv2/job:Job"
GRANT = "gcp:cloudrunv2/jobIamMember:JobIamMember"
RUN = "roles/run.invoker"
_FIELD = r"(\*|[0-9]+(-[0-9]+)?)(/[0-9]+)?(,(\*|[0-9]+(-[0-9]+)?)(/[0-9]+)?)*"
_CRON = re.compile(rf"{_FIELD}( {_FIELD}){{4}}")
_EVERY = re.compile(r"every [0-9]+ (minutes|mins|hours)")
_RUNS = re.compile(r"https://run\.googleapis\.com/v2/(?P<job>projects/[^:]+):run")
_TARGETS = ("appEngineHttpTarget", "httpTarget", "pubsubTarget")


def schedule(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """Times are given as cron does."""
    given = properties["schedule"]
    if given and not (_CRON.fullmatch(given) or _EVERY.fullmatch(given)):
        yield Problem("schedule", f"Error 400: Schedule or time zone is invalid: {given!r}")


def one_target(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """It calls one thing."""
    given = [name for name in _TARGETS if properties[name]]
    if len(given) != 1:
        yield Problem(
            "httpTarget", f"{len(given)} targets are given; exactly one of {', '.join(_TARGETS)}"
        )


def may_run_what_it_calls(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """A job of Cloud Run that it starts is there, and its account may start it."""
    match = _RUNS.fullmatch(properties.get("httpTarget.uri") or "")
    if match is None:
        return
    named = tail(match["job"])
    if cloud.find(JOB, "name", named) is None:
        yield Problem("httpTarget", f"Error 404: there is no job {named}")
        return
    email = properties.get("httpTarget.oauthToken.serviceAccountEmail")
    if not email:
        yield Problem("httpTarget", f"Error 401: {named} is called without an oauthToken")
        return
    member = f"serviceAccount:{email}"
    granted = any(
        tail(str(item.get("name"))) == named
        and item.get("member") == member
        and item.get("role") == RUN
        for item in cloud.all(GRANT)
    )
    if not granted:
        yield Problem(
            "httpTarget", f"Error 403: {member} may not run {named}: grant it {RUN} first"
        )
