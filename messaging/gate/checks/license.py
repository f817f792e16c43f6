from accounts.models import License, User
from messaging.gate.people import helper_of
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
        return {
            item.id: _verdict(item, batch.moment)
            for item in batch.items
            if (item.customer_id, item.licensee_id) not in licensed
        }


def _verdict(item: Item, moment: Moment) -> Verdict:
    if moment is Moment.WIRE:
        name = User.objects.filter(id=item.licensee_id).values_list("first_name", flat=True).first()
        return hold("no_license", f"{name or 'The author'} no longer has a license.")
    helper = helper_of(item.customer_id)
    return refuse(
        "no_license",
        "You can read and add notes, but not send: you have no license."
        f" {helper} can give you one.",
    )


LICENSE = LicenseCheck()
