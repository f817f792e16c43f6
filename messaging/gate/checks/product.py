from accounts.models import Customer
from messaging import channels
from messaging.gate.verdict import Batch, Check, Verdicts, refuse


class ProductCheck(Check):
    """The customer is active and its contract includes the channel (PRODUCT section 2)."""

    code = "product"
    rank = 10
    holds_compliance = True

    def apply(self, batch: Batch) -> Verdicts:
        ids = {item.customer_id for item in batch.items}
        customers = Customer.objects.in_bulk(ids)
        verdicts: Verdicts = {}
        for item in batch.items:
            customer, channel = customers[item.customer_id], channels.get(item.channel)
            # A confirmation of STOP goes whatever the contract says now.
            if not customer.is_active or not (item.is_compliance or customer.owns(channel.product)):
                verdicts[item.id] = refuse(
                    "not_in_plan",
                    f"{customer.name} does not have {channel.label} in its plan.",
                    product=channel.product,
                )
        return verdicts


PRODUCT = ProductCheck()
