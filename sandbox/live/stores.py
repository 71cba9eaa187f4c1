"""The databases and caches of a stack: started, followed when they change, started again when they
have ended, as RDS and ElastiCache do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

from sandbox.live.postgres import Postgres
from sandbox.live.postgres_spec import Server
from sandbox.live.processes import Handle
from sandbox.live.redis import Node, Redis
from sandbox.live.spec import Addresses, LiveError


class Stores:
    """What runs of them. Its methods are called one at a time, but the two that start them."""

    def __init__(
        self, postgres: Postgres, redis: Redis, addresses: Addresses, say: Callable[[str], None]
    ) -> None:
        self.databases: dict[str, tuple[Handle, Handle]] = {}
        """Identifier -> PostgreSQL and the TLS before it."""
        self.standbys: dict[str, Handle] = {}
        """Identifier of a Multi-AZ instance -> its standby."""
        self.cache_nodes: dict[str, Handle] = {}
        """Identifier -> Redis."""
        self._postgres = postgres
        self._redis = redis
        self._addresses = addresses
        self._say = say
        self._servers: dict[str, Server] = {}
        """Those that run, as they were when they started; so for the nodes."""
        self._nodes: dict[str, Node] = {}

    @property
    def handles(self) -> Iterator[tuple[str, tuple[Handle, ...]]]:
        """Each store and its processes."""
        for name, running in list(self.databases.items()):
            yield name, running
        for name, standby in list(self.standbys.items()):
            yield f"{name}-standby", (standby,)
        for name, node in list(self.cache_nodes.items()):
            yield name, (node,)

    def end_others(self, servers: Sequence[Server], nodes: Sequence[Node]) -> None:
        """End what is gone, and what is to start again as something else. Raises LiveError."""
        wanted = {server.identifier: server for server in servers}
        changed = [server for name, server in self._servers.items() if wanted.get(name) != server]
        for server in changed:
            name = server.identifier
            if name in wanted and wanted[name].password != server.password:
                raise LiveError(
                    f"{name}: its administrator's password is another one now, which the live "
                    "sandbox does not follow: `letta-cloud destroy`, then `up --live` again"
                )
        for server in changed:
            name = server.identifier
            if name in self.standbys:
                self._postgres.stop_standby(self.standbys.pop(name))
            self._postgres.stop(self.databases.pop(name))
            del self._servers[name]
            self._say(f"{name} {'restarts' if name in wanted else 'ends'}")
        wanted_nodes = {node.identifier: node for node in nodes}
        for name, node in list(self._nodes.items()):
            if wanted_nodes.get(name) != node:
                self._redis.stop(self.cache_nodes.pop(name))
                del self._nodes[name]
                self._say(f"{name} {'restarts, empty' if name in wanted_nodes else 'ends'}")

    def start_databases(self, servers: Sequence[Server]) -> None:
        """Start those that do not run, sources before what replicates them. Raises LiveError."""
        for server in servers:
            if server.identifier in self._servers:
                continue
            source = self._servers.get(server.source)
            running = self._postgres.start(server, self._addresses, source)
            self.databases[server.identifier] = running
            self._servers[server.identifier] = server
            self._say(server.report)

    def copy_databases(self, servers: Sequence[Server]) -> None:
        """Start replicas and standbys that do not run. Raises LiveError."""
        self.start_databases([server for server in servers if server.source])
        for server in servers:
            if server.multi_az and server.identifier not in self.standbys:
                self.standbys[server.identifier] = self._postgres.start_standby(server)

    def start_caches(self, nodes: Sequence[Node]) -> None:
        """Start those that do not run. Raises LiveError."""
        for node in nodes:
            if node.identifier not in self._nodes:
                self.cache_nodes[node.identifier] = self._redis.start(node, self._addresses)
                self._nodes[node.identifier] = node
                self._say(node.report)

    def mend(self) -> bool:
        """Start again what has ended; whether there was anything. Raises LiveError.

        A database has the data that it had, a cache is empty.
        """
        ended = [name for name, running in self.handles if not all(each.alive for each in running)]
        for name in ended:
            self._say(f"{name} ended: it is started again")
        for name, server in self._servers.items():
            if name in ended:
                running = self._postgres.restart(server, self.databases[name], self._addresses)
                self.databases[name] = running
        for name in self.standbys:
            if f"{name}-standby" in ended:
                self.standbys[name] = self._postgres.start_standby(self._servers[name])
        for name, node in self._nodes.items():
            if name in ended:
                self.cache_nodes[name] = self._redis.start(node, self._addresses)
        return bool(ended)

    def stop(self) -> None:
        """End all of them, whatever became of the one before. Raises LiveError."""
        with ExitStack() as ends:
            for database in list(self.databases.values()):
                ends.callback(self._postgres.stop, database)
            for standby in list(self.standbys.values()):
                ends.callback(self._postgres.stop_standby, standby)
            for node in list(self.cache_nodes.values()):
                ends.callback(self._redis.stop, node)
