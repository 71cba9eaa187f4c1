"""A booted stack as its users see it, and users who never stop asking."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http.client import HTTPException
from itertools import count
from typing import Any, Literal, Self

from sandbox.live.containers import Running
from sandbox.live.load_balancer import LoadBalancer
from sandbox.live.plane import Plane
from sandbox.live.spec import Objects, Service
from tests.live.fake_llm import FakeLlm
from tests.live.journey import Answer, Client, Journey

TIME_SCALE = 1 / 20
"""What the load balancer's own durations are multiplied by."""
CLIENT_SECONDS = 60
PAUSE_SECONDS = 0.5
"""Of who reads, from one request to the next; who writes makes no pause."""
RATE_REQUESTS = 12
"""So many messages are waited for to know how fast they go."""

Kind = Literal["message", "read"]
KINDS: tuple[Kind, ...] = ("message", "read")


@dataclass(frozen=True, kw_only=True)
class Site:
    """The stack, and the model that its agents use."""

    plane: Plane
    objects: Objects
    model: FakeLlm

    @property
    def api(self) -> Running:
        """The one copy of the API."""
        return self._copy("api")

    @property
    def worker(self) -> Running:
        """The one copy of the worker, which is the same program."""
        return self._copy("work")

    def service(self, role: str) -> Service:
        """The service of that role, which its name ends in: their order is that of the engine."""
        [found] = [
            each for each in self.plane.stack.services if each.name.rpartition("-")[2] == role
        ]
        return found

    def _copy(self, role: str) -> Running:
        [copy] = self.plane.running[self.service(role).name]
        return copy

    @property
    def balancer(self) -> LoadBalancer:
        """The stack's own."""
        assert self.plane.load_balancer is not None
        return self.plane.load_balancer

    def client(self, balancer: LoadBalancer | None = None) -> Client:
        """A user with the password, of the stack's load balancer or another before it."""
        balancer = balancer or self.balancer
        return Client(
            url=balancer.url(443),
            password=self.api.container.process.environment["LETTA_SERVER_PASSWORD"],
            certificate=balancer.files.certificate,
            timeout_seconds=CLIENT_SECONDS,
        )

    def agent(self) -> str:
        """The path of a new agent."""
        journey = Journey(client=self.client(), model_endpoint=self.model.url)
        journey.create()
        return f"/v1/agents/{journey.agent}"


def user(text: str) -> dict[str, Any]:
    """A user's message as the API takes it."""
    return {"messages": [{"role": "user", "content": text}]}


@dataclass(frozen=True, kw_only=True)
class Request:
    """What became of a request; the times are those of `time.monotonic`."""

    kind: Kind
    began: float
    ended: float
    status: int
    """0 where the connection broke."""
    agent: str
    text: str


class Users:
    """Users who send messages and users who read, all at once. A context manager."""

    def __init__(self, site: Site, *, writers: int = 4, readers: int = 1) -> None:
        self._client = site.client()
        self._agents = [site.agent() for _ in range(writers)]
        self._changed = threading.Condition()
        self._requests: list[Request] = []
        self._ended = threading.Event()
        self._threads = [
            *(
                threading.Thread(target=self._write, args=(agent,), daemon=True)
                for agent in self._agents
            ),
            *(threading.Thread(target=self._read, daemon=True) for _ in range(readers)),
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        for kind in KINDS:
            self.good(kind, after=time.monotonic())
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def good(self, kind: Kind, *, after: float) -> float:
        """Wait for a request that began after that moment and was answered 200; when it ended."""
        return self._wait(kind, after, lambda status: status == 200)

    def bad(self, kind: Kind, *, after: float) -> float:
        """The same for a request that was not."""
        return self._wait(kind, after, lambda status: status != 200)

    def _wait(self, kind: Kind, after: float, fits: Callable[[int], bool]) -> float:
        def ends() -> list[float]:
            return [
                each.ended
                for each in self._requests
                if each.kind == kind and each.began >= after and fits(each.status)
            ]

        with self._changed:
            assert self._changed.wait_for(ends, timeout=CLIENT_SECONDS), f"no such {kind} came"
            return ends()[0]

    def messages_a_second(self) -> float:
        """How many messages the users get answered just now."""
        began = time.monotonic()

        def ended() -> list[Request]:
            return [
                each for each in self._requests if each.kind == "message" and each.ended >= began
            ]

        with self._changed:
            assert self._changed.wait_for(
                lambda: len(ended()) >= RATE_REQUESTS, timeout=CLIENT_SECONDS
            ), "the messages are too slow"
            return RATE_REQUESTS / (ended()[-1].ended - began)

    def between(self, kind: Kind, began: float, ended: float) -> list[Request]:
        """The requests of that kind that began and ended between two moments."""
        with self._changed:
            return [
                each
                for each in self._requests
                if each.kind == kind and began <= each.began and each.ended <= ended
            ]

    def acknowledged(self) -> dict[str, set[str]]:
        """Agent -> what it was told and answered with 200."""
        told: dict[str, set[str]] = {agent: set() for agent in self._agents}
        with self._changed:
            for each in self._requests:
                if each.kind == "message" and each.status == 200:
                    told[each.agent].add(each.text)
        return told

    def _write(self, agent: str) -> None:
        for number in count(1):
            if self._ended.is_set():
                return
            text = f"message {number}"
            call = partial(self._client.call, "POST", f"{agent}/messages", user(text))
            self._ask("message", call, agent=agent, text=text)

    def _read(self) -> None:
        while not self._ended.wait(PAUSE_SECONDS):
            self._ask("read", partial(self._client.call, "GET", "/v1/agents/"))

    def _ask(
        self, kind: Kind, call: Callable[[], Answer], *, agent: str = "", text: str = ""
    ) -> None:
        began = time.monotonic()
        try:
            status = call().status
        except (OSError, HTTPException):
            status = 0
        ended = time.monotonic()
        with self._changed:
            self._requests.append(
                Request(kind=kind, began=began, ended=ended, status=status, agent=agent, text=text)
            )
            self._changed.notify_all()
