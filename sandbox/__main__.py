"""`python -m sandbox`: serve the simulated cloud, or write the schemas out of the SDKs."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from pathlib import Path

LATENCY_VARIABLE = "LETTA_SANDBOX_LATENCY_SCALE"


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit status is 0 when all is well."""
    options = _parser().parse_args(arguments)
    if options.command == "schema":
        from sandbox.sdk_files import write_files

        write_files()
        return 0
    from sandbox.errors import Refusal
    from sandbox.server import serve

    logging.basicConfig(
        level=logging.INFO if options.verbose else logging.WARNING,
        format="%(asctime)s %(message)s",
        stream=sys.stderr,
    )
    try:
        serve(
            options.state,
            port=options.port,
            ready_fd=options.ready_fd,
            latency_scale=options.latency_scale,
        )
    except (Refusal, RuntimeError, OSError) as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serving = commands.add_parser("serve", help="answer the Pulumi engine until told to end")
    serving.add_argument("--state", type=Path, required=True, help="the file of state")
    serving.add_argument("--port", type=int, default=0, help="0 takes a free one")
    serving.add_argument("--ready-fd", type=int, help="where to say the port, instead of stdout")
    serving.add_argument(
        "--latency-scale",
        type=float,
        default=os.environ.get(LATENCY_VARIABLE, "0"),
        help=f"1 waits as long as the cloud, 0 not at all (default: {LATENCY_VARIABLE} or 0)",
    )
    serving.add_argument("--verbose", action="store_true", help="name every change on stderr")
    commands.add_parser("schema", help="write the schema files out of the installed SDKs")
    return parser


if __name__ == "__main__":
    sys.exit(main())
