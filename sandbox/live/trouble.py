"""What may go wrong with a stack that runs, without the live sandbox itself being at fault."""

from __future__ import annotations

import sqlite3
import subprocess

from sandbox.admin import AdminError
from sandbox.errors import Refusal
from sandbox.live.load_balancer import LoadBalancerError
from sandbox.live.load_balancer_spec import UnsupportedLoadBalancerError
from sandbox.live.spec import LiveError

TROUBLE = (
    LiveError,
    LoadBalancerError,
    UnsupportedLoadBalancerError,
    Refusal,
    AdminError,
    OSError,
    sqlite3.Error,
    subprocess.SubprocessError,
    ValueError,
    KeyError,
    TypeError,
)
"""The last three: an object of the stack that is made otherwise than its provider makes it, and
that no reader has refused by name. What runs must outlive it."""


def described(error: BaseException) -> str:
    """An error for a message: some say nothing without their kind."""
    if isinstance(error, KeyError | TypeError) or type(error) is ValueError:
        return f"{type(error).__name__}: {error}"
    return str(error)
