"""Runs Caddy as in a container, with what only the cloud has replaced:
`ADDRESS HTTP_PORT HTTPS_PORT run --config FILE`.

Before the stack's own lines it is told to listen on one address, by which ports, to take
certificates from an authority of its own, as ACME would need the domain, and to leave the machine's
trust alone.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

_OPTIONS = """\
	default_bind {address}
	http_port {http_port}
	https_port {https_port}
	admin off
	local_certs
	skip_install_trust
"""


def configured(caddyfile: str, address: str, http_port: int, https_port: int) -> str:
    """The configuration with the options of this machine first."""
    options = _OPTIONS.format(address=address, http_port=http_port, https_port=https_port)
    own = caddyfile.lstrip()
    if own.startswith("{"):
        # Global options are one block, the first.
        return f"{{\n{options}{own.removeprefix('{')}"
    return f"{{\n{options}}}\n{caddyfile}"


def main(words: list[str]) -> None:
    """Become Caddy."""
    parser = argparse.ArgumentParser(prog="caddy")
    parser.add_argument("address")
    parser.add_argument("http_port", type=int)
    parser.add_argument("https_port", type=int)
    parser.add_argument("command", choices=["run"])
    parser.add_argument("--config", type=Path, required=True)
    arguments = parser.parse_args(words)
    text = configured(
        arguments.config.read_text(encoding="utf-8"),
        arguments.address,
        arguments.http_port,
        arguments.https_port,
    )
    arguments.config.write_text(text, encoding="utf-8")
    # The folder that this program was found in comes first in PATH.
    path = os.environ["PATH"].partition(":")[2]
    os.environ["PATH"] = path
    os.execvp("caddy", ["caddy", "run", "--config", str(arguments.config)])


if __name__ == "__main__":
    main(sys.argv[1:])
