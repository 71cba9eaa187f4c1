"""The plot of growth, the same file for the same figures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.figures import Spread
from bench.parts import Growth

SIZE_INCHES = (8.0, 3.4)
GREY = "0.6"


def draw(growth: Growth, file: Path) -> None:
    """Time and memory by deployments in one stack, beside straight lines through the ends."""
    # Ids are made from the salt; letters stay letters.
    with matplotlib.rc_context({"svg.hashsalt": "letta-cloud", "svg.fonttype": "none"}):
        figure = Figure(figsize=SIZE_INCHES, layout="constrained")
        left, right = figure.subplots(1, 2)
        _curves(left, {"preview": growth.seconds}, "seconds, with the policy pack")
        _curves(right, growth.peaks_mib, "peak memory, MiB")
        figure.savefig(file, format="svg", metadata={"Date": None})


def _curves(axes: Axes, curves: Mapping[str, Mapping[int, Spread]], unit: str) -> None:
    for name, costs in curves.items():
        counts = sorted(costs)
        middles = [costs[count].middle for count in counts]
        ends = (counts[0], counts[-1])
        axes.plot(ends, [costs[end].middle for end in ends], color=GREY, linewidth=0.8, zorder=0)
        below = [costs[count].middle - costs[count].low for count in counts]
        above = [costs[count].high - costs[count].middle for count in counts]
        axes.errorbar(counts, middles, yerr=(below, above), marker="o", capsize=3, label=name)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set(xlabel="deployments in one stack", ylabel=unit, xticks=counts, ylim=(0, None))
    axes.legend(frameon=False)
