"""What is measured. Each part yields its figures; progress goes to `say`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Final

from bench import chain, flat, synth
from bench.figures import Aim, Figure, Spread, deviation_percent, interleaved, marginal, ratio
from bench.processes import Measured
from bench.workbench import Workbench, workbench
from infra.tiers import TIERS
from tools.setup.common import ROOT

PROGRAM, PACK = "program", "pack"
PROCESSES: Final = {PROGRAM: "pulumi-language-python-exec", PACK: "pulumi.policy"}
"""How a word of the command line ends by which each is known."""

SCALED_CHAIN_SECONDS = 200.0
"""The latencies are scaled until the longest chain takes this long: what an `up` needs whatever
the latencies are, its preview above all, is told apart and is small beside it."""

COUNTS = (1, 10, 50)
"""Deployments in one stack."""

PER_STACK_RULES = ("connection-budget", "monthly-budget")
"""Rules that count all copies of a stack against each database in it, and all that they cost
against the budget of one deployment: waived where a stack holds many. The others are checked."""

GROWING = "from bench.growing import main\n\nmain({})\n"

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Growth:
    """What stacks of several deployments cost."""

    seconds: dict[int, Spread] = field(default_factory=dict)
    """Deployments -> wall time of a preview with the policy pack."""
    peaks_mib: dict[str, dict[int, Spread]] = field(default_factory=dict)
    """Program -> deployments -> peak memory."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run of the benchmark."""

    runs: int
    """Counted runs of each contestant."""
    growth_runs: int
    """Counted runs of each number of deployments, of which the largest takes minutes."""
    say: Say
    growth: Growth = field(default_factory=Growth)


def previews(run: Run) -> Iterator[Figure]:
    """Previews of a stack not yet deployed, against those of a flat program of its resources."""
    for tier in TIERS:
        with workbench() as deployed:
            run.say(f"{tier}: writing the flat program")
            program = flat.make(deployed, tier)
            with workbench() as fresh:
                times = interleaved(
                    {
                        f"{tier} flat": _preview(fresh, tier, program=program.plain),
                        f"{tier} flat, tuned": _preview(fresh, tier, program=program.tuned),
                        f"{tier}": _preview(fresh, tier),
                        f"{tier} with pack": _preview(fresh, tier, pack=True),
                    },
                    runs=run.runs,
                    say=run.say,
                )
        note = (
            f"{program.resources} resources, {Spread.of(times[f'{tier} flat']).middle:.1f} s flat"
        )
        tuned = "flat program with our interpreter settings"
        for contestant, aim in ((tier, Aim(most=1.10)), (f"{tier} with pack", Aim(most=1.35))):
            preview = f"preview of {contestant}"
            for other, what in ((f"{tier} flat", "flat program"), (f"{tier} flat, tuned", tuned)):
                yield Figure(
                    part="flat",
                    what=f"{preview} / {what}",
                    unit="",
                    value=ratio(times, contestant, other),
                    aim=aim,
                    note=note,
                )
        yield Figure(
            part="flat",
            what=f"preview of {tier} with pack / without",
            unit="",
            value=ratio(times, f"{tier} with pack", tier),
        )


def _preview(
    bench: Workbench, stack: str, *, program: Path = ROOT, pack: bool = False
) -> Callable[[], float]:
    return bench.pulumi(stack, "preview", program=program, pack=pack).seconds


def synthesis(run: Run) -> Iterator[Figure]:
    """A preview of medium with the pack against `cdk synth` of a like stack."""
    run.say("installing the AWS CDK, if it is not there")
    environment = synth.environment()
    with workbench() as bench:
        output = bench.folder / "cdk"
        ours, theirs = "medium with pack", "cdk synth"
        times = interleaved(
            {
                ours: _preview(bench, "medium", pack=True),
                theirs: synth.command(environment, output).seconds,
            },
            runs=run.runs,
            say=run.say,
        )
        bench.pulumi("medium", "up", "--yes", "--skip-preview").output()
        own = sum(
            1
            for one in bench.resources("medium")
            if one["custom"] and not one["type"].startswith(chain.PROVIDER)
        )
        synthesised = synth.resources(output)
    yield Figure(
        part="cdk",
        what="preview of medium with pack / `cdk synth` of a like stack",
        unit="",
        value=ratio(times, ours, theirs),
        aim=Aim(most=1.0, below=True),
        note=f"{own} resources against {synthesised}; "
        f"{Spread.of(times[ours]).middle:.1f} s against {Spread.of(times[theirs]).middle:.1f} s",
    )


def chains(run: Run) -> Iterator[Figure]:
    """`up` while the simulated cloud takes its time, against the longest chain of its waits."""
    for tier in TIERS:
        with workbench() as bench:
            at_once = bench.pulumi(tier, "up", "--yes", pack=True).seconds()
            longest = chain.of_state(bench.resources(tier))
        run.say(f"{tier} up, no latencies: {at_once:.1f} s")
        scale = SCALED_CHAIN_SECONDS / longest.seconds
        with workbench(latency_scale=scale) as bench:
            taken = bench.pulumi(tier, "up", "--yes", pack=True).seconds()
        run.say(f"{tier} up, a chain of {SCALED_CHAIN_SECONDS:.0f} s: {taken:.1f} s")
        last = longest.urns[-1].rpartition("::")[2]
        yield Figure(
            part="chain",
            what=f"`up` of {tier} / longest chain of latencies",
            unit="",
            value=Spread.of([taken / SCALED_CHAIN_SECONDS]),
            aim=Aim(most=1.10),
            note=f"chain of {len(longest.urns)} resources to `{last}`, {longest.seconds:.0f} s in "
            f"the cloud, scaled by {scale:.2f}; `up` without latencies {at_once:.1f} s",
        )


def growth(run: Run) -> Iterator[Figure]:
    """One, ten and fifty deployments of medium in one stack, with the pack."""
    measured: dict[int, list[Measured]] = {count: [] for count in COUNTS}
    with workbench() as bench:
        stack_file = bench.stack_file("medium", {"waivers": _waivers()})
        commands = {
            count: bench.pulumi(
                "medium",
                "preview",
                program=bench.program(f"growing-{count}", {"__main__.py": GROWING.format(count)}),
                pack=True,
                stack_file=stack_file,
            )
            for count in COUNTS
        }
        for number in range(run.growth_runs + 1):
            for count, command in commands.items():
                # The largest warms nothing that the others leave cold.
                if number or count != max(COUNTS):
                    taken = command.measured(PROCESSES)
                    run.say(f"{count} deployments, {number or 'warm-up'}: {taken.seconds:.1f} s")
                    if number:
                        measured[count].append(taken)
    run.growth.seconds.update(
        {count: Spread.of([one.seconds for one in ones]) for count, ones in measured.items()}
    )
    for name in PROCESSES:
        run.growth.peaks_mib[name] = {
            count: Spread.of([one.peaks_mib[name] for one in ones])
            for count, ones in measured.items()
        }
    yield _constant("time of one more deployment", run.growth.seconds, "s")
    for name, peaks in run.growth.peaks_mib.items():
        yield _constant(f"memory of the {name} for one more deployment", peaks, "MiB")


def _constant(what: str, costs: Mapping[int, Spread], unit: str) -> Figure:
    steps = marginal({count: cost.middle for count, cost in costs.items()})
    values = " and ".join(f"{step:.2f} {unit}" for step in steps)
    between = " and ".join(f"{few} to {more}" for few, more in pairwise(sorted(costs)))
    return Figure(
        part="growth",
        what=f"{what}: change from {between} deployments",
        unit="%",
        value=Spread.of([deviation_percent(steps)]),
        aim=Aim(most=15.0),
        note=values,
    )


def _waivers() -> list[dict[str, str]]:
    return [
        {
            "rule": rule,
            "resource": "*",
            "reason": "a stack of several deployments, for a measurement",
            "owner": "bench@example.com",
            "expires": "2999-12-31",
        }
        for rule in PER_STACK_RULES
    ]


def memory(run: Run) -> Iterator[Figure]:
    """Peak memory of the program and of the pack at a preview, each tier."""
    for tier in TIERS:
        with workbench() as bench:
            command = bench.pulumi(tier, "preview", pack=True)
            runs = [command.measured(PROCESSES).peaks_mib for _ in range(run.runs)]
        peaks = {name: [peak[name] for peak in runs] for name in PROCESSES}
        totals = [sum(peak.values()) for peak in runs]
        run.say(f"{tier}: {Spread.of(totals).middle:.0f} MiB")
        each = ", ".join(f"{name} {Spread.of(peak).middle:.0f}" for name, peak in peaks.items())
        yield Figure(
            part="memory",
            what=f"peak memory of program and pack, {tier}",
            unit="MiB",
            value=Spread.of(totals),
            # 700 MB
            aim=Aim(most=700e6 / 2**20),
            note=f"{each} MiB",
        )


PARTS: Mapping[str, Callable[[Run], Iterator[Figure]]] = {
    "flat": previews,
    "cdk": synthesis,
    "chain": chains,
    "growth": growth,
    "memory": memory,
}
"""Name for `--only` -> the part."""
