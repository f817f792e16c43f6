"""Which sender a text goes from: the one the person knows, else the author's own."""

from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Q

from accounts.models import License, Seat, User
from messaging.senders.models import Sender
from textengage.lib import clock


@dataclass(frozen=True, slots=True)
class Senders:
    """The senders of one person on one channel: the own first, then shared ones.

    ``waiting`` are those being set up or paused. One of them is chosen when there is no
    other, so that the gate can say what the text waits for.
    """

    seat: Seat | None
    usable: tuple[Sender, ...] = field(default=())
    waiting: tuple[Sender, ...] = field(default=())

    def for_thread(self, known: UUID | None, country: str) -> Sender | None:
        """The sender the person knows; else one of their country; else any."""
        by_known = [sender for sender in self.usable if sender.id == known]
        by_country = [sender for sender in self.usable if sender.country == country]
        ranked = (*by_known, *by_country, *self.usable, *self.waiting)
        return ranked[0] if ranked else None


def senders_of(user: User, channel: str) -> Senders:
    """What a licensed person may send from: the seat's own numbers and shared ones."""
    license = License.objects.filter(user=user).valid().select_related("seat").first()
    if license is None:
        return Senders(seat=None)
    shared = Q(seat__isnull=True) & (Q(team__isnull=True) | Q(team=user.team_id))
    held = (
        Sender.objects.exclude(state=Sender.RELEASED)
        .filter(Q(seat=license.seat) | shared, customer=user.customer, channel=channel)
        .select_related("account", "team")
    )
    now = clock.now()
    own_first = sorted(held, key=lambda sender: (sender.seat_id is None, sender.created_at))
    return Senders(
        license.seat,
        usable=tuple(sender for sender in own_first if sender.is_usable(now)),
        waiting=tuple(sender for sender in own_first if not sender.is_usable(now)),
    )
