from credits.models import Country
from messaging.channels import phone
from messaging.gate.verdict import Batch, Check, Verdicts, refuse


class CountryCheck(Check):
    """SMS goes to countries with local numbers and two-way texts (RULES 4.11)."""

    code = "country"
    rank = 60

    def apply(self, batch: Batch) -> Verdicts:
        served = set(Country.objects.served(batch.at.date()).values_list("code", flat=True))
        return {
            item.id: refuse(
                "country_not_served",
                f"No SMS to {phone.country_of(item.address) or 'this country'} from your numbers.",
                country=item.region,
            )
            for item in batch.items
            if item.channel == "sms" and item.region not in served
        }


COUNTRY = CountryCheck()
