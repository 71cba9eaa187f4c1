"""Containers that upload a dump as a stack's do, by the small programs that stand for the clouds'
own clients."""

from __future__ import annotations

from components.letta import dump
from sandbox.live import schedules
from sandbox.live.containers import Containers
from sandbox.live.spec import Addresses, Process, Run

NAME = "20261123T030000Z"
BUCKET = "data"
"""The one that there is."""


def process(name: str, image: str, script: str, **environment: str) -> Process:
    """A container with a shell script and a folder that it shares."""
    return Process(
        name=name,
        image=image,
        command=("sh", "-c", script),
        environment=environment,
        working_directory="",
        folders={dump.SCRATCH: "scratch"},
        ports=(),
        health=None,
        stop_seconds=1,
    )


def run(containers: Containers, *processes: Process) -> None:
    """Run containers that wait for none of each other."""
    schedule = Run(name="dump", processes=processes, seconds=30, attempts=1)
    schedules.run(schedule, containers, Addresses("127.78.93"))


def made(image: str) -> Process:
    """A dump and its manifest, and word of their end."""
    files = " ".join(f"{dump.SCRATCH}/{NAME}.{kind}" for kind in ("dump", "json"))
    return process("dump", image, f"for f in {files}; do echo kept >$f; done; touch /scratch/ended")
