"""Seats and who holds them. The one writer of Seat and License."""

from django.db import transaction

from accounts import audit
from accounts.models import Customer, License, Seat, User
from textengage.lib import clock
from textengage.lib.refusal import Refused


@transaction.atomic
def give(user: User, *, by: User | None, seat: Seat | None = None) -> License:
    """Put a person on a free seat, or on the seat named.

    Raises Refused when no seat is free, or the one named is taken: the customer's row is
    locked, so twenty people racing for the last seat leave nineteen refusals.
    """
    if user.customer is None:
        raise Refused("no_customer", "Platform staff hold no license.")
    customer = Customer.objects.select_for_update().get(id=user.customer.id)
    if not user.is_active:
        raise Refused("inactive_user", f"{user.first_name} is deactivated.")
    held: License | None = License.objects.filter(user=user).valid().first()
    if held:
        return held
    seat = _free_seat(customer, wanted=seat)
    license = License.objects.create(
        customer=customer, seat=seat, user=user, valid_from=clock.now()
    )
    audit.record("license.given", of=customer, by=by, about=user, seat=seat.position)
    return license


@transaction.atomic
def end(user: User, *, by: User | None) -> None:
    """Take a person off their seat. The seat keeps its number and is free again."""
    for license in License.objects.select_for_update().filter(user=user, valid_to__isnull=True):
        license.valid_to = clock.now()
        license.save(update_fields=["valid_to"])
        audit.record(
            "license.ended", of=license.customer, by=by, about=user, seat=license.seat.position
        )


def seats_in_use(customer: Customer) -> int:
    """How many of the customer's seats somebody holds now."""
    return int(License.objects.filter(customer=customer).valid().count())


def _free_seat(customer: Customer, wanted: Seat | None) -> Seat:
    if seats_in_use(customer) >= customer.number_of_seats:
        raise Refused("no_free_license", f"All {customer.number_of_seats} licenses are in use.")
    taken = License.objects.filter(customer=customer).valid().values("seat")
    free = Seat.objects.filter(customer=customer).exclude(id__in=taken)
    if wanted:
        if not free.filter(id=wanted.id).exists():
            raise Refused("seat_taken", f"{wanted} is taken.")
        return wanted
    position = Seat.objects.filter(customer=customer).count() + 1
    return free.first() or Seat.objects.create(customer=customer, position=position)
