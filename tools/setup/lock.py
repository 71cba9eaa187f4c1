"""`make lock`: write the locks anew from pyproject.toml.

What is locked keeps its version as long as pyproject.toml allows it; `make lock UPGRADE=NAME` lets
one package rise. The engine is raised by hand in three places that tests hold together: pulumi in
pyproject.toml, the modules in `tools/engine` (`go get`, `go mod tidy`), the range in Pulumi.yaml.
"""

from __future__ import annotations

import sys
from pathlib import Path

from infra import platforms
from tools.setup import live
from tools.setup.__main__ import OLDEST_PYTHON
from tools.setup.common import UserError, say
from tools.setup.environment import DEVELOPMENT, LOCKS, run, uv_program


def main(upgrade: list[str]) -> int:
    """Lock what each cloud needs, the development packages on top of all, then the server's,
    apart."""
    common: list[str | Path] = [uv_program(), "pip", "compile", "--quiet", "--universal"]
    common += ["--python-version", ".".join(map(str, OLDEST_PYTHON))]
    # Hashes say what is meant wherever it comes from; an address would tie it to one registry.
    common += ["--generate-hashes", "--no-emit-index-url", "--no-header"]
    for name in upgrade:
        common += ["--upgrade-package", name]
    above: list[str | Path] = []
    try:
        for cloud in platforms.CLOUDS:
            extra = ("--extra", cloud, *above)
            run([*common, "pyproject.toml", *extra, "--output-file", LOCKS[cloud]])
            above += ["--constraints", LOCKS[cloud]]
        extra = ("--extra", "dev", *above)
        run([*common, "pyproject.toml", *extra, "--output-file", LOCKS[DEVELOPMENT]])
        live.lock()
    except UserError as error:
        say(f"error: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
