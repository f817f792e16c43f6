from collections.abc import Mapping, Sequence
from uuid import UUID

from accounts.models import License, User
from messaging.gate.people import helpers_of
from messaging.gate.verdict import Batch, Check, Item, Moment, Verdict, Verdicts, hold, refuse


class LicenseCheck(Check):
    """The text stands for an active person on a licensed seat. No role sends without."""

    code = "license"
    rank = 20

    def apply(self, batch: Batch) -> Verdicts:
        ids = {item.licensee_id for item in batch.items}
        active = User.objects.active().filter(id__in=ids).values_list("id", flat=True)
        licensed = set(
            License.objects.filter(user_id__in=active).valid().values_list("customer_id", "user_id")
        )
        without = [
            item for item in batch.items if (item.customer_id, item.licensee_id) not in licensed
        ]
        if not without:
            return {}
        if batch.moment is Moment.WIRE:
            return _held(without)
        helpers = helpers_of(item.customer_id for item in without)
        return {item.id: _refused(helpers[item.customer_id]) for item in without}


def _held(items: Sequence[Item]) -> Verdicts:
    """The license ended while the text waited: it goes if somebody gives it back."""
    authors = User.objects.filter(id__in={item.licensee_id for item in items})
    names = dict(authors.values_list("id", "first_name"))
    return {
        item.id: hold("no_license", f"{_name(names, item.licensee_id)} no longer has a license.")
        for item in items
    }


def _name(names: Mapping[UUID, str], id: UUID | None) -> str:
    return names.get(id, "The author") if id else "The author"


def _refused(helper: str) -> Verdict:
    return refuse(
        "no_license",
        "You can read and add notes, but not send: you have no license."
        f" {helper} can give you one.",
    )


LICENSE = LicenseCheck()
