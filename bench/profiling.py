"""Where a program's time goes, by package: for the page, where an aim is missed."""

from __future__ import annotations

import atexit
import cProfile
import pstats
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench import growing
from bench.workbench import workbench
from tools.setup.common import ROOT

PROGRAM = "from bench.profiling import main\n\nmain({file!r}, {count})\n"
SHOWN = 10
"""Packages that are told."""


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A run of the program of medium under cProfile, which slows it."""

    deployments: int
    seconds: Mapping[str, float]
    """Package -> time in its own code, the longest first."""

    @property
    def total_seconds(self) -> float:
        """All of it."""
        return sum(self.seconds.values())


def main(file: str, count: int) -> None:
    """Deploy medium `count` times under the profiler, from the first import to the end."""
    profiler = cProfile.Profile()
    atexit.register(profiler.dump_stats, file)
    atexit.register(profiler.disable)
    profiler.enable()
    growing.main(count)


def take(count: int) -> Profile:
    """Preview a stack of that many deployments and read its profile."""
    with workbench() as bench:
        file = bench.folder / "profile"
        source = PROGRAM.format(file=str(file), count=count)
        program = bench.program("profiled", {"__main__.py": source})
        bench.pulumi("medium", "preview", program=program).output()
        statistics = pstats.Stats(str(file)).get_stats_profile()
    seconds: defaultdict[str, float] = defaultdict(float)
    for function in statistics.func_profiles.values():
        seconds[package_of(function.file_name)] += function.tottime
    return Profile(
        deployments=count, seconds=dict(sorted(seconds.items(), key=lambda item: -item[1]))
    )


def package_of(file: str) -> str:
    """The package that a source file belongs to."""
    path = Path(file)
    if "site-packages" in path.parts:
        return path.parts[path.parts.index("site-packages") + 1].removesuffix(".py")
    if path.is_relative_to(ROOT):
        return path.relative_to(ROOT).parts[0]
    return "functions in C" if file == "~" else "Python"
