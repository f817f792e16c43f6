"""Each invariant finds the violation planted for it, and no other invariant cries."""

import re
from collections.abc import Callable
from types import ModuleType

import pytest

from tests.invariants import planted_credits, planted_elsewhere, planted_outbox, planted_stops
from tests.invariants.world import Person, World
from textengage import invariants

Plant = Callable[[World, Person], list[object]]

MODULES: tuple[ModuleType, ...] = (
    planted_outbox,
    planted_credits,
    planted_stops,
    planted_elsewhere,
)
PLANTS: dict[str, Plant] = {
    name: plant
    for module in MODULES
    for name, plant in vars(module).items()
    if re.match(r"[a-z]\d+_", name)
}


def code_of(name: str) -> str:
    return name.partition("_")[0].upper()


@pytest.mark.parametrize("name", PLANTS)
def test_planted_violation_is_found_by_its_invariant_alone(name: str, world: World) -> None:
    dana = world.live_through_a_week()
    planted = {str(id) for id in PLANTS[name](world, dana)}
    found = {
        each.code: set(finding.ids)
        for each, finding in invariants.inspect().findings.items()
        if finding.count
    }
    assert found == {code_of(name): planted}


def test_every_invariant_has_a_planted_violation() -> None:
    assert {code_of(name) for name in PLANTS} == {each.code for each in invariants.all_invariants()}
