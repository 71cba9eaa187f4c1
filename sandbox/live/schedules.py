"""What a stack has run on schedule. Nothing here waits for its time: it is run when asked."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from graphlib import TopologicalSorter

from sandbox.live.containers import Containers, in_order
from sandbox.live.processes import said
from sandbox.live.reader import readers
from sandbox.live.spec import Addresses, LiveError, Objects, Process, Run


def read(objects: Objects) -> tuple[Run, ...]:
    """What is run on schedule, in the order of its creation. What is switched off is not."""
    return tuple(each for reader in readers(objects) for each in reader.schedules(objects))


def buckets_of(objects: Objects) -> tuple[str, ...]:
    """The stack's buckets that what is run on schedule is told of."""
    own = {name for reader in readers(objects) for name in reader.buckets(objects)}
    told = {
        value
        for schedule in read(objects)
        for process in schedule.processes
        for value in process.environment.values()
    }
    return tuple(sorted(own & told))


def run(schedule: Run, containers: Containers, addresses: Addresses) -> None:
    """Run it once in one copy of its volumes, containers that wait for none of each other side by
    side. Raises LiveError with the end of what the container said that failed.
    """
    shutil.rmtree(containers.home / schedule.name, ignore_errors=True)

    def run_one(process: Process) -> None:
        name = f"{schedule.name}-{process.name}"
        container = containers.place(name, process, addresses, task=schedule.name)
        status = containers.run(container, addresses, seconds=schedule.seconds)
        if status:
            raise LiveError(f"{name} ended with status {status}{said(containers.log(container))}")

    for together in _rounds(in_order(schedule.processes)):
        with ThreadPoolExecutor(len(together)) as workers:
            started = [workers.submit(run_one, process) for process in together]
        for each in started:
            each.result()


def _rounds(processes: Sequence[Process]) -> Iterator[tuple[Process, ...]]:
    """The processes, those first that wait for nobody, each round after the one before."""
    named = {process.name: process for process in processes}
    order = TopologicalSorter({name: each.after for name, each in named.items()})
    order.prepare()
    while order.is_active():
        ready = order.get_ready()
        yield tuple(named[name] for name in ready)
        order.done(*ready)
