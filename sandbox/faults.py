"""Faults on request: what the cloud answers when it is asked to fail."""

from __future__ import annotations

import threading
from enum import Enum

import grpc

from sandbox.errors import Refusal
from sandbox.latency import Latency
from sandbox.store import Store

# The AWS SDK gives up after 25 tries in Terraform's provider (its `max_retries` default).
_ATTEMPTS = 25
_BACKOFF_SECONDS = 2.0


class Fault(Enum):
    """How an operation fails."""

    THROTTLE = "throttle"
    FAIL = "fail"
    PARTIAL = "partial"


def meet(
    store: Store, latency: Latency, cancelled: threading.Event, operation: str, type_token: str
) -> str | None:
    """Raise the fault that is due, if any; the message of a partial one is returned.

    A throttled call is tried again, as the providers do, until they would give up.
    """
    for _ in range(_ATTEMPTS):
        due = store.take_fault(operation, type_token)
        if due is None:
            return None
        kind, message = due
        if kind == Fault.PARTIAL.value:
            return message
        if kind == Fault.FAIL.value:
            raise Refusal.blocked(message)
        latency.wait(_BACKOFF_SECONDS, cancelled)
    raise Refusal(
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        f"ThrottlingException: Rate exceeded, after {_ATTEMPTS} tries: run it again",
    )
