from credits.models import Country
from messaging.channels import phone
from messaging.gate.verdict import Batch, Check, Item, Verdict, Verdicts, hold, refuse
from messaging.senders import pauses


class CountryCheck(Check):
    """SMS goes to countries with local numbers and two-way texts (RULES 4.11).

    One that the provider has not opened for the account waits until somebody opens it.
    """

    code = "country"
    rank = 60

    def apply(self, batch: Batch) -> Verdicts:
        served = set(Country.objects.served(batch.at.date()).values_list("code", flat=True))
        verdicts = {
            item.id: _not_served(item)
            for item in batch.items
            if item.channel == "sms" and item.region not in served
        }
        senders = {item.sender_id for item in batch.items if item.sender_id}
        closed = pauses.countries_closed(senders, batch.at)
        for item in batch.items if closed else ():
            place = item.sender_id and closed.get((item.sender_id, item.channel, item.region))
            if place and item.id not in verdicts:
                why, until = place
                verdicts[item.id] = hold(
                    "country_paused", f"Waits: {why}.", until=until, country=item.region
                )
        return verdicts


def _not_served(item: Item) -> Verdict:
    return refuse(
        "country_not_served",
        f"No SMS to {phone.country_of(item.address) or 'this country'} from your numbers.",
        country=item.region,
    )


COUNTRY = CountryCheck()
