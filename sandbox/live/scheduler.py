"""Keeps the copies of one service running, as the cloud's scheduler does.

A copy that ends is started again, one that its own health check finds unhealthy is replaced, and
copies of another definition than the wanted one are replaced one by one: a new one serves before
an old one is drained and ended, unless the service allows fewer copies meanwhile.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from sandbox.live import processes
from sandbox.live.containers import Containers, Running
from sandbox.live.load_balancer import LoadBalancer
from sandbox.live.spec import Addresses, Health, LiveError, Registration, Service
from sandbox.live.trouble import TROUBLE, described

State: TypeAlias = Literal["starting", "serving", "unhealthy", "draining"]

HEALTHY_SECONDS = 120
"""Longest from a copy that is well to a load balancer that has noticed."""
FIRST_DELAY_SECONDS = 10.0
MOST_DELAY_SECONDS = 300.0
"""Kubernetes waits so long, doubling from the first, before it starts again what keeps failing
(Kubernetes documentation, "Pod Lifecycle"). ECS does alike and publishes only its longest delay."""
END_SECONDS = 10.0
"""What a copy has to end in when everything ends: whoever ends a live sandbox waits for it."""
PERCENT = 100


@dataclass(frozen=True, kw_only=True)
class Tools:
    """What schedulers share."""

    containers: Containers
    addresses: Addresses
    balancer: Callable[[], LoadBalancer | None]
    """The load balancer of now."""
    workers: Executor
    """Starts and ends copies, and asks them how they are, beside the scheduler."""
    ended: threading.Event
    """Set when everything is to end."""
    say: Callable[[str], None]
    time_scale: float
    """What durations between checks and attempts are multiplied by."""


@dataclass(kw_only=True, eq=False)
class Copy:
    """One copy of a service's task."""

    name: str
    service: Service
    """What it was started from."""
    start: Future[tuple[Running, ...]]
    end: Future[None] | None = None
    check: Future[bool] | None = None
    next_check: float = 0.0
    bad_answers: int = 0
    unhealthy: bool = False

    @property
    def containers(self) -> tuple[Running, ...]:
        """Those that run; none until it came up."""
        return self.start.result() if self._came_up else ()

    @property
    def serves(self) -> bool:
        """Whether it came up, and is not about to go."""
        return self._came_up and self.end is None

    @property
    def _came_up(self) -> bool:
        start = self.start
        return start.done() and not start.cancelled() and start.exception() is None

    @property
    def state(self) -> State:
        if self.end is not None:
            return "draining"
        if not self.start.done():
            return "starting"
        return "unhealthy" if self.unhealthy else "serving"


@dataclass(kw_only=True)
class Scheduler:
    """Of one service. Its methods are called one at a time."""

    tools: Tools
    service: Service
    """What is wanted."""
    count: int
    """Of copies."""
    copies: list[Copy] = field(default_factory=list)
    error: LiveError | None = None
    """Why the last copy that was started did not come up."""
    _failures: int = 0
    _not_before: float = 0.0

    def want(self, service: Service, count: int) -> None:
        """Change what is wanted; `look` sees to it."""
        self.service, self.count = service, count
        self.error, self._failures, self._not_before = None, 0, 0.0

    @property
    def steady(self) -> bool:
        """Whether all that is wanted serves, and nothing else does."""
        staying = [copy for copy in self.copies if copy.end is None]
        return len(staying) == self.count and all(
            copy.serves and self._is_fresh(copy) for copy in staying
        )

    def look(self) -> None:
        """Take note of what has happened, and order what is missing."""
        now = time.monotonic()
        for copy in list(self.copies):
            self._note(copy, now)
        if self.steady:
            self.error, self._failures = None, 0
        self._end_what_is_not_wanted()
        self._start_what_is_missing(now)

    def _note(self, copy: Copy, now: float) -> None:
        if copy.end is not None:
            if copy.end.done():
                self.copies.remove(copy)
                if (trouble := copy.end.exception()) is not None:
                    self.tools.say(f"{copy.name}: {trouble}")
        elif copy.start.done() and (error := copy.start.exception()) is not None:
            self.copies.remove(copy)
            if not isinstance(error, TROUBLE):
                raise error
            self._failed(LiveError(described(error)), now)
        elif copy.serves:
            dead = [each for each in copy.containers if not each.handle.alive]
            if dead:
                self.tools.say(f"{dead[0].container.name} ended: another copy is started")
                self._end(copy)
            else:
                self._check(copy, now)

    def _failed(self, error: LiveError, now: float) -> None:
        delay = min(MOST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2**self._failures)
        self._failures += 1
        self._not_before = now + delay * self.tools.time_scale
        self.error = error

    def _check(self, copy: Copy, now: float) -> None:
        """Ask the copy how it is when it is time to, and take its answer."""
        if copy.check is not None and copy.check.done():
            copy.bad_answers = 0 if copy.check.result() else copy.bad_answers + 1
            copy.check = None
            retries = min(check.retries for _, check in _checks(copy))
            if copy.bad_answers >= retries and not copy.unhealthy:
                copy.unhealthy = True
                self.tools.say(f"{copy.name} is unhealthy: another copy takes its place")
        elif copy.check is None and now >= copy.next_check and any(_checks(copy)):
            interval = min(check.interval_seconds for _, check in _checks(copy))
            copy.next_check = now + interval * self.tools.time_scale
            copy.check = self.tools.workers.submit(self._is_well, copy)

    def _is_well(self, copy: Copy) -> bool:
        return all(
            self.tools.containers.healthy(running.container, check, self.tools.addresses)
            for running, check in _checks(copy)
        )

    def _is_fresh(self, copy: Copy) -> bool:
        """Whether it is what is wanted. The count and the name are not of a copy."""
        was, wanted = copy.service, self.service
        same = (was.processes, was.registrations) == (wanted.processes, wanted.registrations)
        return same and not copy.unhealthy

    def _end_what_is_not_wanted(self) -> None:
        staying = [copy for copy in self.copies if copy.end is None]
        fresh = [copy for copy in staying if self._is_fresh(copy)]
        for copy in fresh[self.count :]:
            if copy.serves:
                self._end(copy)
        least = self.count * self.service.minimum_percent // PERCENT
        serving = sum(copy.serves and not copy.unhealthy for copy in staying)
        for copy in staying:
            if self._is_fresh(copy) or not copy.serves:
                continue
            # An unhealthy one serves nobody: its place is free once the others suffice.
            if serving - (not copy.unhealthy) >= least:
                serving -= not copy.unhealthy
                self._end(copy)

    def _start_what_is_missing(self, now: float) -> None:
        staying = [copy for copy in self.copies if copy.end is None]
        fresh = [copy for copy in staying if self._is_fresh(copy)]
        # The definition may allow more; the machine holds one more.
        extra = int(self.service.maximum_percent > PERCENT)
        # One that goes has the address until it is gone.
        there = self.copies if self.service.host else staying
        room = self.count + extra - len(there)
        if now < self._not_before:
            return
        for _ in range(min(self.count - len(fresh), room)):
            name = self._free_name()
            # Its address is settled here, not beside others.
            if self.service.host:
                self.tools.addresses.share(name, self.service.host)
            self.tools.addresses.of_nameless(name)
            start = self.tools.workers.submit(self._bring_up, name, self.service)
            self.copies.append(Copy(name=name, service=self.service, start=start))

    def _free_name(self) -> str:
        taken = {copy.name for copy in self.copies}
        names = (f"{self.service.name}-{number}" for number in range(1, len(taken) + 2))
        return next(name for name in names if name not in taken)

    def _bring_up(self, name: str, service: Service) -> tuple[Running, ...]:
        """Start a copy; it is ready and, where it registers, the load balancer finds it healthy."""
        tools = self.tools
        # A container is new whenever it starts; one of before may have had the name.
        shutil.rmtree(tools.containers.home / name, ignore_errors=True)
        running = tools.containers.start_task(name, service.processes, tools.addresses)
        try:
            for each in running:
                tools.containers.wait(each, tools.addresses)
            for target in targets(service, running):
                self._admit(name, *target)
        except BaseException:
            self._take_down(service, running)
            raise
        return running

    def _admit(self, name: str, registration: Registration, address: tuple[str, int]) -> None:
        balancer = self.tools.balancer()
        if balancer is None:
            raise LiveError(f"{name} registers with a load balancer that the stack does not have")
        balancer.register(registration.group, address)
        deadline = time.monotonic() + HEALTHY_SECONDS
        while balancer.states(registration.group).get(address) != "healthy":
            if time.monotonic() > deadline:
                raise LiveError(f"{name}: the load balancer finds it unhealthy")
            if self.tools.ended.wait(processes.POLL_SECONDS):
                return

    def _end(self, copy: Copy) -> None:
        copy.end = self.tools.workers.submit(self._take_down, copy.service, copy.containers)

    def _take_down(self, service: Service, running: tuple[Running, ...]) -> None:
        """Drain a copy and end it, within the definition's grace."""
        balancer = self.tools.balancer()
        began = time.monotonic()
        for registration, address in targets(service, running):
            if balancer is not None:
                # One that was never admitted is not known there.
                with suppress(KeyError):
                    balancer.deregister(registration.group, address)
        hooks = [each.container.process.pre_stop_seconds for each in running]
        self.tools.ended.wait(max(0.0, max(hooks, default=0.0) - (time.monotonic() - began)))
        self.tools.containers.stop_task(running)

    def stop(self) -> None:
        """End every copy at once, without draining."""
        with ThreadPoolExecutor() as together:
            list(together.map(_stop, [copy.containers for copy in self.copies]))


def _stop(containers: tuple[Running, ...]) -> None:
    for each in reversed(containers):
        grace = min(END_SECONDS, each.container.process.stop_seconds)
        processes.stop(each.handle, grace_seconds=grace)


def _checks(copy: Copy) -> tuple[tuple[Running, Health], ...]:
    """The health checks after which a copy is replaced."""
    return tuple(
        (each, each.container.process.health)
        for each in copy.containers
        if each.container.process.health is not None
    )


def targets(
    service: Service, running: tuple[Running, ...]
) -> Iterator[tuple[Registration, tuple[str, int]]]:
    """Where a copy takes the requests of which registration."""
    for registration in service.registrations:
        for each in running:
            if each.container.process.name == registration.container:
                yield registration, (each.container.address, registration.port)
