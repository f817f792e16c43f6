"""The plants fit the code as it is. `python -m tests.storm.planted` looks for them."""

import ast
from collections import Counter
from pathlib import Path

import pytest

from tests.storm.machine import databases
from tests.storm.planted.plant import Plant, Planted, StalePlant
from tests.storm.planted.planting import PLANTS


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.name)
def test_plant_fits_and_is_still_python(plant: Plant) -> None:
    changed = plant.words(databases.ROOT)
    assert changed != (databases.ROOT / plant.file).read_text(encoding="utf-8")
    ast.parse(changed)


def test_there_are_enough_and_each_has_its_own_name() -> None:
    kinds = Counter(plant.is_harmless for plant in PLANTS)
    assert (kinds[False] >= 34, kinds[True] >= 5) == (True, True)
    assert len({plant.name for plant in PLANTS}) == len(PLANTS)


def test_plant_that_does_not_fit_is_an_error() -> None:
    plant = Plant("none", "", "credits/rules.py", "words that are not there", "")
    with pytest.raises(StalePlant):
        plant.words(databases.ROOT)


def test_tree_is_as_before_when_a_plant_is_pulled_out(tmp_path: Path) -> None:
    plant = Plant("one", "", "one.py", "one", "two")
    (tmp_path / "one.py").write_text("one = 1\n")
    with Planted(plant, tmp_path, 1):
        assert (tmp_path / "one.py").read_text() == "two = 1\n"
    assert (tmp_path / "one.py").read_text() == "one = 1\n"
