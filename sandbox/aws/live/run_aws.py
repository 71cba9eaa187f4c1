"""Does what the AWS CLI does for stacks, where a bucket is a folder: `FOLDERS s3 cp|ls|rm …`."""

from __future__ import annotations

import argparse
import re
import sys
import time
from pathlib import Path

from sandbox.live import buckets

_URL = re.compile(r"s3://([^/]+)/(.*)")


def main(words: list[str]) -> int:
    """Run the command; its status is the AWS CLI's."""
    parser = argparse.ArgumentParser(prog="aws")
    parser.add_argument("folders", type=Path)
    parser.add_argument("service", choices=["s3"])
    commands = parser.add_subparsers(dest="command", required=True)
    for name, places in (("cp", ("file", "url")), ("ls", ("url",)), ("rm", ("url",))):
        command = commands.add_parser(name)
        command.add_argument("--only-show-errors", action="store_true")
        for place in places:
            command.add_argument(place)
    options = parser.parse_args(words)
    found = _URL.fullmatch(options.url)
    if found is None:
        parser.error(f"{options.url} is no s3://BUCKET/KEY")
    bucket: Path = options.folders / found[1]
    if not bucket.is_dir():
        sys.stderr.write(f"fatal error: NoSuchBucket: the stack has no bucket {found[1]}\n")
        return 1
    if options.command == "cp":
        buckets.put(Path(options.file), bucket, found[2])
    elif options.command == "rm":
        (bucket / found[2]).unlink(missing_ok=True)
    else:
        return _listed(bucket / found[2])
    return 0


def _listed(folder: Path) -> int:
    """The objects below a prefix that ends with `/`: date, time, size, name. None is status 1."""
    files = sorted(each for each in folder.glob("*") if each.is_file())
    for each in files:
        found = each.stat()
        changed = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(found.st_mtime))
        sys.stdout.write(f"{changed} {found.st_size:10} {each.name}\n")
    return 0 if files else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
