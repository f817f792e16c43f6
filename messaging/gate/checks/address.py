from messaging.gate.verdict import Batch, Check, Verdicts, refuse


class AddressCheck(Check):
    """There is an address on the channel, and the provider has not called it unusable."""

    code = "address"
    rank = 50
    holds_compliance = True

    def apply(self, batch: Batch) -> Verdicts:
        verdicts: Verdicts = {}
        for item in batch.items:
            if item.address_id is None:
                verdicts[item.id] = refuse(
                    "no_address", f"{item.first_name} has no number for this channel."
                )
            elif item.unusable_reason:
                verdicts[item.id] = refuse(
                    "unusable_address", f"{item.unusable_reason} Correct the number."
                )
        return verdicts


ADDRESS = AddressCheck()
