"""The parts of the proofs that need no process."""

from collections import Counter

from tests.storm.proofs import crowd, judging, level, options, race, stop_race
from tests.storm.proofs.findings import Findings
from tests.storm.proofs.race import Going, Stop, Try
from tests.storm.verdict import TOKEN

STOP = Stop(stored=100.0, effective=100.5, answered=100.1)
NUMBER = "+15105550142"


def judged(text: Going, *taken: float) -> race.Race:
    return race.judge({NUMBER: STOP}, {NUMBER: text}, {NUMBER: taken})


def test_text_refused_while_it_waited_is_a_race_without_a_finding() -> None:
    seen = judged(Going("refused", "opted_out", []))
    assert (seen.raced, seen.refused, seen.after_effect, seen.wrong) == (1, 1, 0, [])


def test_text_on_the_wire_before_the_opt_out_may_arrive_after_it() -> None:
    seen = judged(Going("delivered", "", [Try(99.9, 100.4, 100.7, "accepted")]), 100.6)
    assert (seen.arrived_while["claimed"], seen.on_the_wire_at_effect, seen.wrong) == (1, 1, [])
    assert (seen.handed_over_after_answer, seen.after_effect) == (1, 0)


def test_text_handed_over_after_the_opt_out_is_found() -> None:
    seen = judged(Going("delivered", "", [Try(100.2, 100.5, 100.7, "accepted")]), 100.6)
    assert (seen.after_effect, len(seen.wrong)) == (1, 2)


def test_text_long_after_the_answer_is_found() -> None:
    seen = judged(Going("delivered", "", [Try(99.0, 100.4, 107.0, "accepted")]), 106.0)
    assert seen.wrong == [f"{NUMBER}: at the carrier 5.9 s after the answer"]


def test_where_a_text_was_follows_its_newest_attempt() -> None:
    text = Going("delivered", "", [Try(1, None, 2, "withdrawn"), Try(3, 4, 5, "accepted")])
    at = (0.5, 1.5, 2.5, 3.5, 4.5, 5.5)
    assert [text.was(each) for each in at] == [
        "queued", "claimed", "queued", "claimed", "sending", "gone",
    ]  # fmt: skip


def test_one_outcome_for_each_token() -> None:
    seen = judging.outcomes(
        {"a", "b", "c", "d", "e"},
        Counter({"a": 1, "c": 2, "d": 1}),
        {"a": ["sent"], "b": ["refused"], "c": ["sent"], "d": ["failed"], "e": ["accepted"]},
    )
    assert (seen.arrived, seen.not_sent, len(seen.unclear)) == (1, 1, 3)


def test_flat_line_is_flat_and_rising_one_is_not() -> None:
    rising = [100 + 0.2 * lot for lot in range(20)]
    assert [level.level_of(each).is_flat for each in ([90.0] * 5 + [100.0] * 15, rising)] == [
        True, False,
    ]  # fmt: skip


def test_plan_of_stops_repeats_itself_and_ends_within_the_queue() -> None:
    planned = stop_race.plan(900, 7)
    assert planned == stop_race.plan(900, 7)
    assert (len(planned), len({person for _, person in planned})) == (300, 300)
    assert all(0 <= at <= 900 for at, _ in planned)


def test_tokens_are_read_back_whole() -> None:
    tokens = [crowd.token(1, person) for person in range(0, 25_000, 999)]
    assert [TOKEN.fullmatch(each) is not None for each in tokens] == [True] * len(tokens)
    assert len(set(tokens)) == len(tokens)


def test_options_survive_their_way_to_the_proof() -> None:
    asked = options.parse(["campaign", "--texts", "300", "--json"])
    assert options.parse(asked.words()) == asked == options.Options("campaign", 300, 12.0, 1)


def test_proof_that_examined_nothing_fails() -> None:
    findings = Findings("campaign")
    assert findings.status() == 1
    findings.examined = 1
    assert findings.status() == 0
    findings.expect("charged", 1, 2)
    assert findings.status() == 1
