"""What `letta-cloud sandbox` does."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Callable, Mapping

from cli import live_process, sandbox_process
from cli.state import State
from sandbox import admin
from tools.setup.common import say


def start(_: Namespace) -> int:
    """Start the sandbox if it does not run."""
    sandbox = sandbox_process.ensure_running(State.of_checkout())
    say(f"The sandbox listens on 127.0.0.1:{sandbox.port} (process {sandbox.pid}).")
    return 0


def stop(_: Namespace) -> int:
    """Stop the sandbox and what runs of its stacks; what the cloud holds is kept."""
    state = State.of_checkout()
    for live in live_process.all_of(state):
        live.stop()
        say(f"The live sandbox of {live.stack} is ended.")
    stopped = sandbox_process.stop(state)
    say("The sandbox is stopped." if stopped else "The sandbox does not run.")
    return 0


def status(options: Namespace) -> int:
    """Print whether the sandbox runs and what it holds."""
    state = State.of_checkout()
    sandbox = sandbox_process.running(state)
    lives = live_process.all_of(state)
    told = {
        **admin.status(state.sandbox_objects),
        "running": sandbox is not None,
        "port": sandbox.port if sandbox else None,
        "state": str(state.sandbox_objects),
        "log": str(state.sandbox_log),
        "live": {live.stack: said for live in lives if (said := live.status)},
        "killed": {live.stack: left for live in lives if (left := live.left) is not None},
    }
    if options.json:
        print(json.dumps(told, indent=2))
        return 0
    where = f"runs on port {sandbox.port}" if sandbox else "does not run"
    print(f"The sandbox {where} and holds {told['objects']} objects.")
    for stack, live in told["live"].items():
        print(f"The live sandbox of {stack} is {live['state']} (process {live['pid']}).")
        for url in live["urls"].values():
            print(f"  {url}")
        for each in (*live["infrastructure"], *live["copies"]):
            pids = ", ".join(map(str, each["pids"]))
            print(f"  {each['name']}: {each['state']}{f' (process {pids})' if pids else ''}")
    for stack, left in told["killed"].items():
        print(
            f"The live sandbox of {stack} was killed; {len(left)} processes of it are left: "
            f"`letta-cloud destroy --stack {stack}` or `up --live` ends them."
        )
    for kept in told["retained"]:
        until = f" until {kept['until']}" if kept["until"] else ""
        print(f"  kept after deletion: {kept['kind']} {kept['id']}{until}")
    return 0


def unprotect(options: Namespace) -> int:
    """Lift deletion protection in the sandbox and print from what."""
    lifted = admin.unprotect(State.of_checkout().sandbox_objects, stack=options.stack)
    if options.json:
        print(json.dumps({"unprotected": lifted}, indent=2))
        return 0
    for name in lifted:
        print(f"Deletion protection lifted: {name}")
    if not lifted:
        print("Nothing in the sandbox is protected from deletion.")
    return 0


ACTIONS: Mapping[str, Callable[[Namespace], int]] = {
    "start": start,
    "stop": stop,
    "status": status,
    "unprotect": unprotect,
}
