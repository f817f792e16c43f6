from messaging import channels
from messaging.gate.verdict import Batch, Check, Moment, Verdicts, refuse


class LengthCheck(Check):
    """There is something to say, and the channel carries that much (RULES 4.9)."""

    code = "length"
    rank = 70
    holds_compliance = True

    def apply(self, batch: Batch) -> Verdicts:
        verdicts: Verdicts = {}
        for item in batch.items:
            limit = channels.get(item.channel).max_characters
            over = _characters(item.body) - limit
            if not item.body.strip() and batch.moment is not Moment.EXPLAIN:
                verdicts[item.id] = refuse("empty", "Write something first.")
            elif over > 0:
                verdicts[item.id] = refuse(
                    "too_long",
                    f"{over} {'character' if over == 1 else 'characters'} too long.",
                    over=over,
                    limit=limit,
                )
        return verdicts


def _characters(text: str) -> int:
    """UTF-16 units: the strictest reading of the provider's 1,600 characters."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


LENGTH = LengthCheck()
