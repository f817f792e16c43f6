"""A short slice of the machine; `python -m tests.storm.machine --count 50000` is the long run."""

import pytest

from tests.storm.machine import launching
from tests.storm.machine.shrinking import shrink

Steps = list[tuple[str, dict[str, int]]]


@pytest.mark.timeout(300)
def test_interleavings_keep_every_promise() -> None:
    ran = launching.run(120, seed=1, label="test")
    assert ran["interleavings"] >= 120
    assert launching.unheard_of(ran) == set()


def test_run_in_which_a_rule_never_ran_says_so() -> None:
    assert launching.unheard_of({"claim": 5}) == launching.EXPECTED - {"claim"}


def test_failing_list_is_made_as_short_as_it_can_be() -> None:
    steps: Steps = [(name, {}) for name in "abcdefghij"]

    def fails(shorter: Steps) -> bool:
        return {"c", "h"} <= {name for name, _ in shorter}

    assert shrink(steps, fails) == [("c", {}), ("h", {})]
