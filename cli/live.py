"""What `letta-cloud up` does where the stack runs on this machine: up to the first answer."""

from __future__ import annotations

import http
import http.client
import shlex
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from cli.live_process import LOCKED_FOR, Live
from cli.pulumi import Session
from cli.signals import ended_as_interrupted
from tools.setup.common import UserError, exclusive, say

PASSWORD_OUTPUT = "server_password"  # noqa: S105 - the output's name
HEALTH = "/v1/health/"
AUTHORISED = "/v1/agents/?limit=1"
"""What a stranger may not read, and what the server asks its database for."""
ANSWER_SECONDS = 60
_PAUSE_SECONDS = 0.5


def bring(session: Session) -> int:
    """Run what the stack deployed, or let what runs follow it; ends with the first answer.

    Raises `UserError`; what did not start leaves nothing, what ran before goes on.
    """
    live = Live(state=session.state, stack=session.stack)
    began = time.monotonic()
    lock = exclusive(session.state.live_lock, LOCKED_FOR)
    with ended_as_interrupted(), lock:
        if live.runs:
            say(f"The live sandbox of {session.stack} follows the stack:")
            live.update()
        else:
            say(f"The live sandbox of {session.stack} starts:")
            live.start()
        way_in = WayIn.of(live.status)
        first_answer(way_in, session.outputs()[PASSWORD_OUTPUT])
    say(f"First answered request after {time.monotonic() - began:.0f} s.\n")
    say(_manual(session.stack, way_in))
    return 0


@dataclass(frozen=True, kw_only=True)
class WayIn:
    """How users of a live sandbox reach it."""

    url: str
    certificate: str
    """File of the authority that its certificate is from."""
    resolve: str | None
    """NAME:PORT:ADDRESS where the URL's name is not known to this machine, as curl writes it."""

    @classmethod
    def of(cls, status: Mapping[str, Any]) -> WayIn:
        """The one with TLS, by what a live sandbox says of itself. Raises `UserError`."""
        for url in status["urls"].values():
            if url.startswith("https:"):
                return cls(
                    url=url.removesuffix(f":{http.client.HTTPS_PORT}"),
                    certificate=status["certificate"],
                    resolve=status.get("resolve"),
                )
        raise UserError("nothing of this stack takes HTTPS: there is no way in to try")

    @property
    def name(self) -> str:
        """What its certificate is for."""
        return urlsplit(self.url).hostname or ""

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        if self.resolve is None:
            return self.name, urlsplit(self.url).port or http.client.HTTPS_PORT
        _, port, address = self.resolve.split(":")
        return address, int(port)

    def get(self, path: str, headers: Mapping[str, str]) -> int:
        """The status of an answer that was read whole. Raises OSError, HTTPException."""
        context = ssl.create_default_context(cafile=self.certificate)
        connection = http.client.HTTPConnection(self.name)
        raw = socket.create_connection(self.address, timeout=ANSWER_SECONDS)
        try:
            connection.sock = context.wrap_socket(raw, server_hostname=self.name)
            connection.request("GET", path, headers=dict(headers))
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            raw.close()
            connection.close()


def first_answer(way_in: WayIn, password: str) -> None:
    """Ask for what everyone may read, then for what only the password opens. Raises `UserError`."""
    for path, headers in ((HEALTH, {}), (AUTHORISED, {"Authorization": f"Bearer {password}"})):
        deadline = time.monotonic() + ANSWER_SECONDS
        while (said := _answer(way_in, path, headers)) != str(http.HTTPStatus.OK.value):
            # A copy that has just left may be the one that was asked.
            if time.monotonic() > deadline:
                raise UserError(f"{way_in.url}{path} does not answer as it should: {said}")
            time.sleep(_PAUSE_SECONDS)


def _answer(way_in: WayIn, path: str, headers: Mapping[str, str]) -> str:
    try:
        return str(way_in.get(path, headers))
    except (OSError, http.client.HTTPException) as error:
        return str(error)


def _manual(stack: str, way_in: WayIn) -> str:
    options = f"--cacert {shlex.quote(way_in.certificate)} --header @-"
    if way_in.resolve:
        options += f" --resolve {way_in.resolve}"
    return "\n".join(
        [
            f"Letta answers at {way_in.url}",
            f"  its certificate authority: {way_in.certificate}",
            "  its password, and a request:",
            f'    eval "$(make -s env STACK={stack})"',
            f"    pulumi stack output {PASSWORD_OUTPUT} --show-secrets |",
            "      sed 's/^/Authorization: Bearer /' |",
            f"      curl {options} {way_in.url}/v1/agents/",
            f"  `letta-cloud sandbox status` says what runs; `make destroy STACK={stack}` ends it.",
        ]
    )
