"""The walk finds what it is there to find."""

from dataclasses import replace

import pytest

from messaging.channels import phone
from tests.every_url import looks
from tests.every_url import world as made
from tests.every_url.addresses import ABSENT, OTHER, OWN
from tests.every_url.asking import Answer
from tests.every_url.expected import Probe
from tests.every_url.matrix import MATRIX
from tests.every_url.principals import CUSTOMER_ADMIN, MANAGER, SIGNED_OUT, USER
from tests.every_url.walking import Walk, missing
from tests.every_url.world import World

world = made.world
GOOD = {
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
    "content-type": "text/html",
    "content-security-policy": "; ".join(f"{name} {of}" for name, of in looks.POLICY.items()),
}
PAGE = Answer(200, GOOD, b"<p>Hello</p>", {}, statements=3, wrote=False)


def candidate(principal: str, state: str = OWN, method: str = "GET") -> Probe:
    (entry,) = (each for each in MATRIX if each.pattern == "candidates/<uuid:id>/")
    return Probe(entry, method, principal, state)


def test_address_without_an_entry_is_missed() -> None:
    (gone,) = (entry for entry in MATRIX if entry.pattern == "candidates/")
    assert missing(tuple(entry for entry in MATRIX if entry is not gone)) == (
        {"candidates/"},
        set(),
    )
    stale = replace(gone, pattern="gone/")
    assert missing((*MATRIX, stale)) == (set(), {"gone/"})


def test_good_answer_has_no_problems() -> None:
    assert looks.problems(USER, "/", PAGE) == []


@pytest.mark.parametrize(
    "body",
    [
        "<p style='color: red'>",
        '<a href="#" onclick="go()">',
        "<script>go()</script>",
        "<style>p {}</style>",
        '<a href="javascript:go()">',
        '<script src="https://cdn.example/x.js"></script>',
    ],
)
def test_inline_and_foreign_code_is_found(body: str) -> None:
    assert len(looks.problems(USER, "/", replace(PAGE, body=body.encode()))) >= 1


@pytest.mark.parametrize("name", sorted(set(GOOD) - {"content-type"}))
def test_missing_header_is_found(name: str) -> None:
    less = {each: value for each, value in GOOD.items() if each != name}
    assert len(looks.problems(USER, "/", replace(PAGE, headers=less))) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("principal", [USER, MANAGER, CUSTOMER_ADMIN])
def test_leak_of_another_customers_row_is_found(world: World, principal: str) -> None:
    walk = Walk(world, principal)
    theirs = world.others(principal, "candidate")
    number = world.others(principal, "sender").address
    spoken = f"({number[2:5]}) {number[5:8]}-{number[8:]}"
    for leaked in (theirs.first_name, str(theirs.pk), number, spoken, phone.shown(number)):
        body = f"{world.canary(principal, 'candidate')} {leaked}".encode()
        problems = walk.problems(candidate(principal), "/", replace(PAGE, body=body), False)
        assert len(problems) == 1, problems


@pytest.mark.django_db
def test_wrong_status_change_and_lack_of_the_canary_are_found(world: World) -> None:
    walk = Walk(world, USER)
    own = replace(PAGE, body=world.canary(USER, "candidate").encode())
    assert walk.problems(candidate(USER), "/", own, False) == []
    assert len(walk.problems(candidate(USER), "/", PAGE, False)) == 1
    assert len(walk.problems(candidate(USER), "/", own, True)) == 1
    assert len(walk.problems(candidate(USER, ABSENT), "/", own, False)) == 1
    assert len(walk.problems(candidate(USER, OTHER), "/", PAGE, False)) == 1
    signed_out = Walk(world, SIGNED_OUT).problems(candidate(SIGNED_OUT), "/", own, False)
    assert len(signed_out) == 2


@pytest.mark.django_db
def test_difference_between_anothers_and_absent_is_found(world: World) -> None:
    for other in (
        replace(PAGE, status=403),
        replace(PAGE, statements=4),
        replace(PAGE, body=b"no"),
        replace(PAGE, headers=GOOD | {"allow": "GET"}),
    ):
        walk = Walk(world, USER)
        walk.compare("GET /", {ABSENT: PAGE.without(), OTHER: other.without()})
        assert len(walk.wrong) == 1
