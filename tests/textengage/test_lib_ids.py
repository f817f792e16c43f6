import time
from uuid import RFC_4122

from textengage.lib.ids import new_id


def test_ids_are_version_7_and_carry_their_milliseconds() -> None:
    before = time.time_ns() // 1_000_000
    made = new_id()
    assert (made.version, made.variant) == (7, RFC_4122)
    assert before <= made.int >> 80 <= time.time_ns() // 1_000_000


def test_ids_sort_by_the_time_they_were_made() -> None:
    made = []
    for _ in range(20):
        made.append(new_id())
        time.sleep(0.0011)
    assert made == sorted(made, key=str)


def test_ids_of_one_millisecond_differ() -> None:
    assert len({new_id() for _ in range(5_000)}) == 5_000
