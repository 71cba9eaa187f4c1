"""Does what curl does for stacks with Cloud Storage, where a bucket is a folder: uploads.

`FOLDERS TOKEN OPTIONS --upload-file FILE URL`, with the token's header on standard input.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from sandbox.live import buckets

HOST = "storage.googleapis.com"
_PATH = ("", "upload", "storage", "v1", "b")
FAILED = 22
"""curl's status where a server answers 400 or more and `--fail` is given."""


def main(words: list[str]) -> int:
    """Upload the file; the status is curl's."""
    parser = argparse.ArgumentParser(prog="curl")
    parser.add_argument("folders", type=Path)
    parser.add_argument("token")
    for switch in ("--fail", "--silent", "--show-error"):
        parser.add_argument(switch, action="store_true")
    for option in ("--output", "--retry"):
        parser.add_argument(option)
    parser.add_argument("--header", action="append", default=[])
    parser.add_argument("--request", choices=["POST"], required=True)
    parser.add_argument("--upload-file", type=Path, required=True)
    parser.add_argument("url")
    options = parser.parse_args(words)
    url = urlsplit(options.url)
    asked = parse_qs(url.query)
    *start, bucket, end = url.path.split("/")
    known = (url.scheme, url.hostname, tuple(start), end) == ("https", HOST, _PATH, "o")
    if not known or asked.get("uploadType") != ["media"] or len(asked.get("name", ())) != 1:
        parser.error(f"{options.url} is no upload to Cloud Storage")
    if "@-" not in options.header or sys.stdin.read() != f"Authorization: Bearer {options.token}":
        sys.stderr.write("curl: (22) The requested URL returned error: 401\n")
        return FAILED
    try:
        buckets.put(options.upload_file, options.folders / bucket, asked["name"][0])
    except FileNotFoundError as error:
        sys.stderr.write(f"curl: (22) The requested URL returned error: 404 {error}\n")
        return FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
