"""Does what the Azure CLI does for stacks, where a storage account is a folder and a container of
blobs one in it: `FOLDERS login …` and `FOLDERS storage blob upload …`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from sandbox.live import buckets

SESSION = ".azure/session-of-the-live-sandbox"
"""Below HOME: there once somebody has logged in."""


def main(words: list[str]) -> int:
    """Run the command; its exit status."""
    options = _parser().parse_args(words)
    session = Path(os.environ["HOME"]) / SESSION
    if options.command == "login":
        if message := _refusal(options):
            sys.stderr.write(f"ERROR: {message}\n")
            return 1
        session.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        session.touch(mode=0o600)
        return 0
    if not session.exists():
        sys.stderr.write("ERROR: Please run 'az login' to setup account.\n")
        return 1
    blob = f"{options.container_name}/{options.name}"
    try:
        buckets.put(options.file, options.folders / options.account_name, blob)
    except FileNotFoundError as error:
        sys.stderr.write(f"ERROR: {error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="az")
    parser.add_argument("folders", type=Path)
    commands = parser.add_subparsers(dest="command", required=True)
    login = commands.add_parser("login")
    kinds = login.add_mutually_exclusive_group(required=True)
    for kind in ("--identity", "--service-principal"):
        kinds.add_argument(kind, action="store_true")
    for option in ("--resource-id", "--username", "--tenant", "--federated-token", "--output"):
        login.add_argument(option, default="")
    groups = commands.add_parser("storage").add_subparsers(required=True)
    actions = groups.add_parser("blob").add_subparsers(required=True)
    upload = actions.add_parser("upload")
    upload.add_argument("--auth-mode", choices=["login"], required=True)
    for option in ("--account-name", "--container-name", "--name"):
        upload.add_argument(option, required=True)
    upload.add_argument("--file", type=Path, required=True)
    for switch in ("--overwrite", "--only-show-errors"):
        upload.add_argument(switch, action="store_true")
    upload.add_argument("--output")
    return parser


def _refusal(options: argparse.Namespace) -> str:
    """Why nobody is let in; empty where somebody is."""
    if options.identity:
        return "" if options.resource_id else "Identity not found: no --resource-id is given"
    if not (options.username and options.tenant):
        return "a service principal needs --username and --tenant"
    # `@` before a file's name: its contents are meant.
    mark, _, file = str(options.federated_token).partition("@")
    if mark or not file or not Path(file).is_file() or not Path(file).stat().st_size:
        return f"there is no token in {options.federated_token or 'no file at all'}"
    return ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
