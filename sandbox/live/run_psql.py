"""Runs psql as in a container of PostgreSQL's image, whose client speaks TLS: `psql …`.

The client at hand knows no TLS, and the databases here refuse connections without it, as RDS does.
So stunnel opens the connection to PGHOST and PGPORT, and psql, with all that it starts, comes by
stunnel's socket file.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

START_SECONDS = 30
_LOOK_SECONDS = 0.05


def main(words: list[str]) -> int:
    """Run psql with these words; its exit status."""
    if os.environ.get("PGSSLMODE") not in ("require", "verify-ca", "verify-full"):
        sys.stderr.write("psql: PGSSLMODE must ask for TLS: the database refuses all else\n")
        return 2
    # The folder that this program was found in comes first in PATH.
    os.environ["PATH"] = os.environ["PATH"].partition(":")[2]
    psql = shutil.which("psql")
    if psql is None:
        sys.stderr.write("psql: the image does not have it\n")
        return 127
    with tempfile.TemporaryDirectory(prefix="letta-psql-", dir="/tmp") as name:
        folder = Path(name)
        port = os.environ["PGPORT"]
        socket = folder / f".s.PGSQL.{port}"
        configuration = folder / "stunnel.conf"
        configuration.write_text(
            "foreground = yes\n"
            "pid =\n"
            "debug = err\n"
            "[postgres]\n"
            "client = yes\n"
            "protocol = pgsql\n"
            f"accept = {socket}\n"
            f"connect = {os.environ['PGHOST']}:{port}\n",
            encoding="utf-8",
        )
        with subprocess.Popen(["stunnel", configuration], stdin=subprocess.DEVNULL) as tunnel:
            try:
                deadline = time.monotonic() + START_SECONDS
                while not socket.exists():
                    if tunnel.poll() is not None or time.monotonic() > deadline:
                        sys.stderr.write("psql: stunnel did not start\n")
                        return 2
                    time.sleep(_LOOK_SECONDS)
                environment = {**os.environ, "PGHOST": name, "PGSSLMODE": "disable"}
                return subprocess.run([psql, *words], env=environment, check=False).returncode
            finally:
                tunnel.terminate()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
