"""Whether a storm repeats itself, and whether it can be trusted to have raged."""

from collections import Counter

from tests.storm.plan import KILLS, plan


def test_plan_is_the_same_for_the_same_seed_and_number() -> None:
    assert plan(7, 3) == plan(7, 3)


def test_plan_differs_from_one_number_to_the_next() -> None:
    assert plan(7, 3).texts != plan(7, 4).texts


def test_plan_gives_every_text_a_token_of_its_own() -> None:
    tokens = [text.token for number in range(1, 30) for text in plan(1, number).texts]
    assert len(set(tokens)) == len(tokens)


def test_plan_asks_for_every_kill_often_enough_in_a_long_run() -> None:
    asked = Counter(name for number in range(1, 201) for name in plan(1, number).asked)
    assert {name: asked[name] for name in KILLS if asked[name] < 25} == {}
