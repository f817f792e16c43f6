"""Whether the machinery of benchmarks reads and counts right; nothing is measured here."""

import os
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from benchmarks import _processes
from benchmarks._benchmark import Benchmark, Metric, Result
from benchmarks.dispatch.figures import Figures
from benchmarks.dispatch.run import Measured
from textengage.lib.registry import discover


def test_every_package_of_benchmarks_is_found_by_its_name() -> None:
    found = discover("benchmarks", Benchmark)  # type: ignore[type-abstract]
    assert sorted(found) == ["dispatch", "growth", "pace", "reply-under-campaign", "webhooks"]


def test_bench_refuses_a_name_nobody_has() -> None:
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("bench", "nothing")


def test_json_quotes_the_first_metrics_ratio() -> None:
    metric = Metric(
        "throughput", "texts/s", ours=3000, baseline=100, ratio=30, floor=30, stretch=40
    )
    assert Result("dispatch", [metric], [{"ours": 1}]).as_json() == {
        "benchmark": "dispatch",
        "ratio": 30,
        "metrics": [
            {
                "name": "throughput",
                "unit": "texts/s",
                "ours": 3000,
                "baseline": 100,
                "ratio": 30,
                "floor": 30,
                "stretch": 40,
            }
        ],
        "rounds": [{"ours": 1}],
    }
    assert metric.standing == "floor"


def test_figures_quote_the_median_round_and_the_most_memory() -> None:
    def measured(seconds: float, megabytes: int) -> Measured:
        return Measured(100, seconds, seconds / 2, seconds / 2, megabytes * 1_000_000)

    rounds = [
        {"ours": measured(ours, held), "baseline": measured(10, 50), "tuned": measured(5, 50)}
        for ours, held in ((1, 40), (9, 70), (2, 60))
    ]
    metrics, beside = Figures(rounds).at_once(crowd_megabytes=140)
    assert [metric.ratio for metric in metrics] == [5, 5, 2]
    assert beside == {"tuned": [20, 50, 50]}


@pytest.mark.skipif(not os.path.exists("/proc/self/smaps_rollup"), reason="reads Linux's /proc")
def test_cpu_of_a_child_that_ended_stays_counted() -> None:
    before = _processes.cpu_seconds(os.getpid())
    burn = "import time\nwhile time.process_time() < 0.2: pass"
    subprocess.run([sys.executable, "-c", burn], check=True)
    # The kernel counts in ticks of a hundredth of a second.
    assert _processes.cpu_seconds(os.getpid()) - before >= 0.15
    assert _processes.memory_bytes(os.getpid()) > 1_000_000
