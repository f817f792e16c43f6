"""Seats: never more than were bought, one person each, the number stays with the seat."""

import pytest

from accounts import licenses, people
from accounts.models import AuditEntry, License, Seat, User
from messaging.senders.models import Sender
from tests.racing import kinds, race
from textengage.cast import Company
from textengage.lib.refusal import Refused

pytestmark = pytest.mark.usefixtures("everyone")


def seats(company: Company, number: int) -> None:
    """Let the company have bought so many."""
    company.customer.number_of_seats = number
    company.customer.save()


def newcomers(company: Company, count: int) -> list[User]:
    return [
        people.add(
            company.customer,
            email=f"new{number}@acme.example",
            first_name=f"New{number}",
            last_name="Comer",
            role="user",
            by=None,
        )
        for number in range(count)
    ]


def held() -> list[tuple[int, str]]:
    """Who is on which seat now."""
    rows = License.objects.filter(customer__name="Acme").valid().order_by("seat__position")
    return list(rows.values_list("seat__position", "user__first_name"))


def test_give_puts_a_person_on_a_new_seat(acme: Company, mona: User, carla: User) -> None:
    license = licenses.give(mona, by=carla)
    assert (held(), licenses.seats_in_use(acme.customer)) == ([(1, "Rita"), (2, "Mona")], 2)
    entry = AuditEntry.objects.latest("id")
    assert (entry.action, entry.actor_id, entry.detail) == ("license.given", carla.id, {"seat": 2})
    assert license.valid_to is None


def test_give_again_is_the_same_license(acme: Company, rita: User) -> None:
    before = AuditEntry.objects.count()
    assert licenses.give(rita, by=None) == License.objects.get(user=rita)
    assert (License.objects.count(), AuditEntry.objects.count()) == (1, before)


def test_give_refuses_when_every_seat_is_held(acme: Company, mona: User) -> None:
    seats(acme, 1)
    before = (License.objects.count(), Seat.objects.count(), AuditEntry.objects.count())
    with pytest.raises(Refused) as refusal:
        licenses.give(mona, by=None)
    assert refusal.value.code == "no_free_license"
    assert refusal.value.sentence == "All 1 licenses are in use."
    assert (
        License.objects.count(), Seat.objects.count(), AuditEntry.objects.count(),
    ) == before  # fmt: skip


def test_give_refuses_a_seat_that_is_taken(acme: Company, rita: User, mona: User) -> None:
    with pytest.raises(Refused, match=r"Seat 1 is taken\."):
        licenses.give(mona, by=None, seat=Seat.objects.get(position=1))
    assert held() == [(1, "Rita")]


def test_give_refuses_another_companys_seat(acme: Company, globex: Company, mona: User) -> None:
    with pytest.raises(Refused) as refusal:
        licenses.give(mona, by=None, seat=Seat.objects.get(customer=globex.customer))
    assert (refusal.value.code, held()) == ("seat_taken", [(1, "Rita")])


def test_give_refuses_the_deactivated_and_platform_staff(acme: Company, mona: User) -> None:
    people.deactivate(mona, by=acme.people["Carla"])
    staff = User.objects.create_superuser("staff@te.example", "secret")
    codes = []
    for user in (mona, staff):
        with pytest.raises(Refused) as refusal:
            licenses.give(user, by=None)
        codes.append(refusal.value.code)
    assert (codes, held()) == (["inactive_user", "no_customer"], [(1, "Rita")])


def test_seat_keeps_its_number_when_it_is_handed_over(
    acme: Company, rita: User, mona: User
) -> None:
    licenses.end(rita, by=None)
    license = licenses.give(mona, by=None)
    assert (held(), Seat.objects.filter(customer=acme.customer).count()) == ([(1, "Mona")], 1)
    assert Sender.objects.get(customer=acme.customer).seat == license.seat


def test_end_keeps_the_row_that_shows_who_could_send(acme: Company, rita: User) -> None:
    licenses.end(rita, by=None)
    licenses.end(rita, by=None)
    ended = License.objects.get(user=rita)
    assert ended.valid_to is not None
    assert list(License.objects.filter(user=rita).valid(ended.valid_from)) == [ended]
    assert not License.objects.filter(user=rita).valid(ended.valid_to).exists()
    assert AuditEntry.objects.filter(action="license.ended").count() == 1


def test_twenty_people_on_one_free_seat_leave_nineteen_refusals(open_acme: Company) -> None:
    seats(open_acme, 2)
    waiting = newcomers(open_acme, 20)
    results = race(20, lambda number: licenses.give(waiting[number], by=None))
    assert kinds(results) == {"License": 1, "no_free_license": 19}
    assert (len(held()), Seat.objects.count()) == (2, 2)


def test_one_person_given_a_seat_ten_times_at_once_has_one(open_acme: Company) -> None:
    (new,) = newcomers(open_acme, 1)
    results = race(10, lambda _: licenses.give(new, by=None))
    assert kinds(results) == {"License": 10}
    assert held() == [(1, "Rita"), (2, "New0")]
