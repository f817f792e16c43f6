"""Hypothesis's state machine: numbers in, schedules out."""

from collections import Counter
from typing import Any, ClassVar, Final

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.storm.machine import rules
from tests.storm.machine.comparing import Tools
from tests.storm.machine.schedule import Schedule
from tests.storm.machine.shrinking import Steps

# Twenty-four bits: of larger numbers Hypothesis prefers the small ones.
NUMBER: Final = st.integers(0, (1 << 24) - 1)


class Machine(RuleBasedStateMachine):
    """Outbox, ledger, receipts, reconciling, sweeps and opt-out against the model."""

    tools: ClassVar[Tools]
    ran: ClassVar[Counter[str]] = Counter()
    count: ClassVar[int] = 0
    failed: ClassVar[list[tuple[Steps, str]]] = []

    def __init__(self) -> None:
        super().__init__()
        self.schedule = Schedule(self.tools)
        self.is_broken = False

    @initialize(number=NUMBER)
    def begin(self, number: int) -> None:
        for name, given in rules.beginning(number):
            self._do(name, given)

    @rule(number=NUMBER)
    def step(self, number: int) -> None:
        self._do(*rules.step(number, self.schedule))

    def teardown(self) -> None:
        if self.is_broken or not self.schedule.steps:
            return
        self._do("finish", {"drained": len(self.schedule.steps) % 3 == 0})
        type(self).ran += self.schedule.ran
        type(self).count += 1

    def _do(self, name: str, given: dict[str, Any]) -> None:
        try:
            self.schedule.do(name, given)
        except Exception as error:
            self.is_broken = True
            told = f"{type(error).__name__}: {error}"
            type(self).failed.append((list(self.schedule.steps), told))
            raise
