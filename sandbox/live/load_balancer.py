"""The load balancer of a stack as a running nginx: routing, health checks, draining.

Targets come and go by a reload: the nginx workers of before finish the requests they have, and
take no more. A client's connection that is idle at that moment is closed, which the cloud would
not do.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from sandbox.live import certificates, nginx_processes, processes
from sandbox.live.load_balancer_spec import Balancer, HealthCheck, TargetGroup
from sandbox.live.nginx_configuration import Address, Files, render

State: TypeAlias = Literal["initial", "healthy", "unhealthy", "draining"]
Key: TypeAlias = tuple[str, Address]

SHARED_HOST = "127.0.0.1"
_ATTEMPTS = 3
_START_SECONDS = 10.0
_STOP_SECONDS = 5.0
_POLL_SECONDS = 0.02
_PROBES = 32


class LoadBalancerError(RuntimeError):
    """nginx cannot do what is asked of it; the message holds its own words."""


@dataclass(kw_only=True)
class Target:
    """A registered process and what its health checks have said."""

    address: Address
    state: State = "initial"
    _streak: int = field(default=0, repr=False)
    _last: bool | None = field(default=None, repr=False)

    def observe(self, well: bool, check: HealthCheck) -> bool:
        """Take the outcome of a check; whether the state is another one now.

        A new target is in use after its first good answer (ELB user guide, "Health checks").
        """
        if self.state == "draining":
            return False
        self._streak = self._streak + 1 if well is self._last else 1
        self._last = well
        before = self.state
        if well and (before == "initial" or self._streak >= check.healthy_threshold):
            self.state = "healthy"
        elif not well and self._streak >= check.unhealthy_threshold:
            self.state = "unhealthy"
        return self.state != before


class LoadBalancer:
    """One load balancer. Its methods may be called from several threads."""

    def __init__(
        self,
        balancer: Balancer,
        folder: Path,
        *,
        host: str | None = None,
        time_scale: float = 1.0,
        say: Callable[[str], None] = print,
    ) -> None:
        """`folder` keeps certificate, configuration and logs; it is made if need be.

        `host` is a loopback address for the balancer alone, where it takes the ports of the stack
        if this process may. Without one it shares 127.0.0.1 and takes any ports.

        The durations that the objects state are multiplied by `time_scale`, but not those in
        which a target must have answered or connected: it is no faster.

        `say` is told what goes wrong while nobody waits for it.
        """
        self._balancer = balancer
        self._groups = {group.arn: group for group in balancer.target_groups}
        self._targets: dict[Key, Target] = {}
        self._own = host is not None
        self._host = host or SHARED_HOST
        self._scale = time_scale
        self._say = say
        self._lock = threading.RLock()
        self._ended = threading.Event()
        self._watchers: list[threading.Thread] = []
        self._prompts = {arn: threading.Event() for arn in self._groups}
        self._process: subprocess.Popen[bytes] | None = None
        self._rendered = ""
        self.files = Files(folder=folder)
        self.ports: dict[int, int] = {}
        """The port of this machine for each port that a listener of the stack has."""

    @property
    def pid(self) -> int:
        """The master process. Raises LoadBalancerError when it does not run."""
        if self._process is None or self._ended_early():
            raise LoadBalancerError(f"nginx does not run{self._complaint()}")
        return self._process.pid

    @property
    def pids(self) -> list[int]:
        """The master process, whether it runs or has ended of itself."""
        return [] if self._process is None else [self._process.pid]

    def url(self, port: int) -> str:
        """Where the listener of that port answers on this machine."""
        listener = next(item for item in self._balancer.listeners if item.port == port)
        scheme = "https" if listener.tls_versions else "http"
        return f"{scheme}://{self._host}:{self.ports[port]}"

    def start(self, *, watch: bool = True) -> None:
        """Start nginx and, with `watch`, the health checks. Raises LoadBalancerError."""
        self.files.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self.files.certificate.exists():
            make_certificate(self.files, self._balancer.domains, self._host)
        for _ in range(_ATTEMPTS):
            # Another process may take a port between this and nginx's own bind.
            wanted = [listener.port for listener in self._balancer.listeners]
            self.ports = free_ports(self._host, wanted, keep=self._own)
            if self._launch():
                break
        else:
            raise LoadBalancerError(f"nginx did not start{self._complaint()}")
        self._ended.clear()
        if watch:
            self._watchers = [
                threading.Thread(target=self._watch, args=(group, group.health_check), daemon=True)
                for group in self._balancer.target_groups
                if group.health_check
            ]
            for watcher in self._watchers:
                watcher.start()

    @property
    def alive(self) -> bool:
        """Whether nginx runs."""
        return not self._ended_early()

    def restart(self) -> None:
        """Start nginx again where it has ended, on the ports that it had, with its targets.

        Raises LoadBalancerError.
        """
        with self._lock:
            if self.alive or self._ended.is_set():
                return
            # Its workers outlive a master that is killed, and keep the ports.
            processes.end_inside([self.files.folder])
            if not self._launch():
                raise LoadBalancerError(f"nginx did not start{self._complaint()}")

    def stop(self) -> None:
        """End the health checks and nginx, with every request under way."""
        self._ended.set()
        for prompt in self._prompts.values():
            prompt.set()
        for watcher in self._watchers:
            watcher.join()
        self._watchers = []
        with self._lock:
            self._end()

    def _launch(self) -> bool:
        """Start nginx with what it is told now; whether it answers. Else it does not run."""
        self._write()
        self._process = subprocess.Popen(
            [*self._command(), "-c", str(self.files.configuration)],
            cwd=self.files.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        _wait(lambda: self._ended_early() or self._answers(), _START_SECONDS)
        well = not self._ended_early() and self._answers()
        if not well:
            self._end()
        return well

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        workers = nginx_processes.workers(process.pid)
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            for pid in (process.pid, *workers):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.wait()

    def wait(self, *, seconds: float) -> bool:
        """Whether nginx ends, of itself or killed, within so many seconds."""
        return _wait(self._ended_early, seconds)

    def register(self, group: str, address: Address) -> None:
        """Add a target to the group of that ARN; requests come when it has proved to be well."""
        found = self._groups[group]
        state: State = "initial" if found.health_check else "healthy"
        with self._lock:
            self._targets[found.arn, address] = Target(address=address, state=state)
            self._apply()
        self._prompts[group].set()

    def drain(self, group: str, address: Address) -> None:
        """Send the target no more requests; those under way go on."""
        with self._lock:
            self._targets[group, address].state = "draining"
            self._apply()

    def deregister(self, group: str, address: Address) -> int:
        """Drain the target, wait until no request is under way, and forget it.

        Waits no longer than the group's delay and returns how many requests are left: the cloud
        cuts them then, here they end with the process that serves them.
        """
        self.drain(group, address)
        delay = self._groups[group].deregistration_delay_seconds * self._scale
        _wait(lambda: not self.requests_under_way(address), delay)
        left = self.requests_under_way(address)
        with self._lock:
            del self._targets[group, address]
        return left

    def states(self, group: str) -> dict[Address, State]:
        """The targets of the group of that ARN."""
        with self._lock:
            return {
                target.address: target.state
                for (arn, _), target in self._targets.items()
                if arn == group
            }

    def wait_until_healthy(self, group: str, *, count: int, seconds: float) -> bool:
        """Whether so many targets of the group are healthy within so many seconds."""
        return _wait(lambda: list(self.states(group).values()).count("healthy") >= count, seconds)

    def check(self, group: str) -> None:
        """Ask every target of the group once how it is, and act on it."""
        health = self._groups[group].health_check
        if health is None:
            return
        with self._lock:
            asked = [item for (arn, _), item in self._targets.items() if arn == group]
        if not asked:
            return
        with ThreadPoolExecutor(max_workers=_PROBES) as probes:
            answers = list(probes.map(lambda item: probe(item.address, health), asked))
        with self._lock:
            pairs = zip(asked, answers, strict=True)
            if sum(item.observe(well, health) for item, well in pairs):
                self._apply()

    def requests_under_way(self, address: Address) -> int:
        """Connections that workers of before a reload still hold to the target.

        Idle ones they have closed, so each is a request.
        """
        return sum(
            nginx_processes.connections(worker, *address)
            for worker in nginx_processes.workers(self.pid)
            if nginx_processes.is_ending(worker)
        )

    def _watch(self, group: TargetGroup, health: HealthCheck) -> None:
        prompt = self._prompts[group.arn]
        interval = health.interval_seconds * self._scale
        while not self._ended.is_set():
            try:
                self.check(group.arn)
            except (LoadBalancerError, OSError) as error:
                # On a busy machine a reload may be late; the next check finds how it went.
                self._say(f"health checks of {group.name}: {error}")
            prompt.wait(interval)
            prompt.clear()

    def _routed(self, group: TargetGroup) -> list[Address]:
        """Who gets the group's requests: the healthy; when none is, all where it fails open."""
        states = self.states(group.arn)
        healthy = [address for address, state in states.items() if state == "healthy"]
        if healthy or not group.fails_open:
            return healthy
        return [address for address, state in states.items() if state == "unhealthy"]

    def _write(self) -> bool:
        """Write the configuration; whether it is another one now."""
        text = render(
            self._balancer,
            files=self.files,
            host=self._host,
            ports=self.ports,
            targets={group.arn: self._routed(group) for group in self._balancer.target_groups},
            time_scale=self._scale,
        )
        if text == self._rendered:
            return False
        self.files.configuration.write_text(text, encoding="utf-8")
        test = subprocess.run(
            [*self._command(), "-t", "-q", "-c", str(self.files.configuration)],
            capture_output=True,
            text=True,
            check=False,
        )
        if test.returncode:
            raise LoadBalancerError(f"nginx refuses its configuration: {test.stderr.strip()}")
        self._rendered = text
        return True

    def _apply(self) -> None:
        """Let nginx route to the targets of now. Raises LoadBalancerError."""
        if self._process is None or not self._write():
            return
        before = set(nginx_processes.workers(self.pid))
        self._process.send_signal(signal.SIGHUP)
        if not _wait(lambda: self._taken_over(before), _START_SECONDS):
            raise LoadBalancerError(f"nginx did not take its configuration{self._complaint()}")

    def _taken_over(self, before: set[int]) -> bool:
        """Whether new workers are there and those of before take no more requests."""
        now = set(nginx_processes.workers(self.pid))
        return bool(now - before) and all(map(nginx_processes.is_ending, now & before))

    def _ended_early(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def _answers(self) -> bool:
        """Whether nginx listens on every port."""
        with ExitStack() as opened:
            try:
                for port in self.ports.values():
                    opened.enter_context(socket.create_connection((self._host, port)))
            except ConnectionRefusedError:
                return False
        return bool(nginx_processes.workers(self.pid))

    def _command(self) -> list[str]:
        return ["nginx", "-p", str(self.files.folder), "-e", str(self.files.errors)]

    def _complaint(self) -> str:
        """The last that nginx wrote."""
        if not self.files.errors.exists():
            return ""
        lines = self.files.errors.read_text(encoding="utf-8").splitlines()
        return f": {lines[-1]}" if lines else ""


def probe(address: Address, check: HealthCheck) -> bool:
    """Whether the target answers the health check as it should."""
    connection = http.client.HTTPConnection(*address, timeout=check.timeout_seconds)
    try:
        connection.request("GET", check.path, headers={"User-Agent": "ELB-HealthChecker/2.0"})
        return connection.getresponse().status in check.statuses
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def free_ports(host: str, wanted: Iterable[int], *, keep: bool) -> dict[int, int]:
    """A free port of the host for each that is wanted.

    With `keep` the same one, unless only the administrator may take it. Raises LoadBalancerError.
    """
    with ExitStack() as held:
        found = {}
        for port in wanted:
            listener = held.enter_context(socket.socket())
            # As nginx does: connections of before that have ended are no hindrance.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((host, port if keep else 0))
            except PermissionError:
                listener.bind((host, 0))
            except OSError as error:
                raise LoadBalancerError(
                    f"{host}:{port} is taken ({error.strerror}): end what listens there"
                ) from error
            found[port] = listener.getsockname()[1]
        return found


def make_certificate(files: Files, domains: Iterable[str], host: str) -> None:
    """Make a certificate for the domains and the host, and its key. Raises LoadBalancerError."""
    trouble = certificates.make(
        files.certificate, files.key, names=(*domains, "localhost"), addresses=[host]
    )
    if trouble:
        raise LoadBalancerError(f"openssl made no certificate: {trouble}")


def _wait(done: Callable[[], bool], seconds: float) -> bool:
    """Whether it was done within so many seconds."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(_POLL_SECONDS)
    return True
