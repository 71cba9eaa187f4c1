"""`python -m bench`: measure, print a table; `--write` keeps it in docs."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from bench import page, profiling
from bench.figures import Figure
from bench.parts import PARTS, Run
from bench.processes import CommandError
from tools.setup.common import UserError, say

PROFILED = {"flat": 1, "growth": 10}
"""Part whose miss a profile explains -> deployments in the stack that is profiled."""


def main(words: Sequence[str] | None = None) -> int:
    """Run the parts asked for; the exit status is 0 when all could be measured."""
    options = _parser().parse_args(words)
    run = Run(runs=options.runs, growth_runs=options.growth_runs, say=say)
    figures: list[Figure] = []
    try:
        for part in options.only or PARTS:
            say(f"== {part}")
            figures += PARTS[part](run)
        missed = {figure.part for figure in figures if figure.met is False}
        profiles = [profiling.take(count) for part, count in PROFILED.items() if part in missed]
    except (CommandError, UserError) as error:
        say(f"error: {error}")
        return 1
    result = page.Result.of(figures, run.growth, profiles)
    print(json.dumps(result.as_json(), indent=2) if options.json else page.table(figures))
    if options.write:
        page.write(result)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--only", action="append", choices=PARTS, metavar="PART", help=", ".join(PARTS)
    )
    parser.add_argument("--runs", type=int, default=7, help="counted runs of each (default: 7)")
    parser.add_argument(
        "--growth-runs", type=int, default=3, help="the same of the part growth (default: 3)"
    )
    parser.add_argument("--json", action="store_true", help="figures for programs on stdout")
    parser.add_argument(
        "--write", action="store_true", help="write docs/benchmark.md; all parts must have run"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
