"""What `letta-cloud up` does where the stack runs on this machine: up to the first answer."""

from __future__ import annotations

import json
import shlex
import signal
import ssl
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn

from cli.live_process import Live
from cli.pulumi import Session
from tools.setup.common import UserError, exclusive, say

PASSWORD_OUTPUT = "server_password"  # noqa: S105 - the output's name
HEALTH = "/v1/health/"
AUTHORISED = "/v1/agents/?limit=1"
"""What a stranger may not read, and what the server asks its database for."""
ANSWER_SECONDS = 60
_PAUSE_SECONDS = 0.5
TERMINATED = 128 + signal.SIGTERM


def bring(session: Session) -> int:
    """Run what the stack deployed, or let what runs follow it; ends with the first answer.

    Raises `UserError`; what did not start leaves nothing, what ran before goes on.
    """
    live = Live(state=session.state, stack=session.stack)
    began = time.monotonic()
    lock = exclusive(session.state.live_lock, "starting a live sandbox")
    with _terminated_as_interrupted(), lock:
        if live.runs:
            say(f"The live sandbox of {session.stack} follows the stack:")
            live.update()
        else:
            say(f"The live sandbox of {session.stack} starts:")
            live.start()
        status = live.status
        url = _url(status)
        first_answer(url, status["certificate"], session.outputs()[PASSWORD_OUTPUT])
    say(f"First answered request after {time.monotonic() - began:.0f} s.\n")
    say(_manual(session.stack, url, status["certificate"]))
    return 0


def first_answer(url: str, certificate: str | None, password: str) -> None:
    """Ask for what everyone may read, then for what only the password opens. Raises `UserError`."""
    context = ssl.create_default_context(cafile=certificate)
    opener = urllib.request.build_opener(
        # A proxy of the user's network does not know this machine's loopback.
        urllib.request.ProxyHandler({}),
        urllib.request.HTTPSHandler(context=context),
    )
    for path, headers in ((HEALTH, {}), (AUTHORISED, {"Authorization": f"Bearer {password}"})):
        request = urllib.request.Request(url + path, headers=headers)  # noqa: S310 - HTTPS, by `_url`
        deadline = time.monotonic() + ANSWER_SECONDS
        while True:
            try:
                with opener.open(request, timeout=ANSWER_SECONDS) as answer:
                    json.load(answer)
                break
            except (OSError, ValueError) as error:
                # A copy that has just left may be the one that was asked.
                if time.monotonic() > deadline or isinstance(error, urllib.error.HTTPError):
                    raise UserError(f"{url}{path} does not answer as it should: {error}") from error
                time.sleep(_PAUSE_SECONDS)


def _url(status: Mapping[str, Any]) -> str:
    """The way in with TLS."""
    urls: Mapping[str, str] = status["urls"]
    return next(url for url in urls.values() if url.startswith("https:"))


def _manual(stack: str, url: str, certificate: str) -> str:
    return "\n".join(
        [
            f"Letta answers at {url}",
            f"  its certificate authority: {certificate}",
            "  its password, and a request:",
            f'    eval "$(make -s env STACK={stack})"',
            f"    pulumi stack output {PASSWORD_OUTPUT} --show-secrets |",
            "      sed 's/^/Authorization: Bearer /' |",
            f"      curl --cacert {shlex.quote(certificate)} --header @- {url}/v1/agents/",
            f"  `letta-cloud sandbox status` says what runs; `make destroy STACK={stack}` ends it.",
        ]
    )


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """An end from outside is an exception, so that what is half-made is put away."""
    before = signal.signal(signal.SIGTERM, _stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(TERMINATED)
