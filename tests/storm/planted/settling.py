"""Bugs in reading, writing and doubting what the provider says."""

from typing import Final

from tests.storm.planted.plant import Plant

SETTLE: Final = "messaging/dispatch/settle.py"
TWILIO: Final = "messaging/providers/twilio.py"
RECEIPTS: Final = "messaging/dispatch/receipts.py"
RECONCILE: Final = "messaging/dispatch/reconcile.py"

PLANTS: Final = (
    Plant(
        "timeout_is_not_sent",
        "a request without an answer counts as not sent and goes again",
        TWILIO,
        "answer that cannot be read.\n            return Answer(Outcome.UNCERTAIN)",
        "answer that cannot be read.\n            return Answer(Outcome.NOT_SENT)",
    ),
    Plant(
        "timeout_is_failed",
        "a request without an answer counts as failed",
        TWILIO,
        "answer that cannot be read.\n            return Answer(Outcome.UNCERTAIN)",
        "answer that cannot be read.\n            return Answer(Outcome.FAILED)",
    ),
    Plant(
        "reset_is_not_sent",
        "a connection lost after writing counts as one that was never made",
        TWILIO,
        "except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):",
        "except aiohttp.ClientError:",
    ),
    Plant(
        "server_error_goes_again",
        "a text that met an error of the provider's is queued again blindly",
        TWILIO,
        "return Answer(Outcome.UNCERTAIN, http_status=status, error_code=code)",
        "return Answer(Outcome.NOT_SENT, http_status=status, error_code=code)",
    ),
    Plant(
        "failed_keeps_contact",
        "a refused text keeps its contact",
        SETTLE,
        'ledger.give_back(gone, reason="refused by the carrier")',
        'ledger.give_back([], reason="refused by the carrier")',
    ),
    Plant(
        "requeued_keeps_contact",
        "a text that was not sent is queued again and keeps its contact",
        SETTLE,
        'ledger.give_back(back, reason="not sent")',
        'ledger.give_back([], reason="not sent")',
    ),
    Plant(
        "not_sent_written_twice",
        "an old answer written again takes back the text that is on the wire now",
        SETTLE,
        "AS t (id, http, code, sentence, wait)\n    WHERE a.id = t.id AND a.finished_at IS NULL",
        "AS t (id, http, code, sentence, wait)\n    WHERE a.id = t.id",
    ),
    Plant(
        "uncertain_goes_at_once",
        "a text in doubt is queued again at once",
        SETTLE,
        "UPDATE messaging_message m SET state = 'uncertain', state_changed_at = (SELECT app_now())",
        "UPDATE messaging_message m SET state = 'queued', state_changed_at = (SELECT app_now())",
    ),
    Plant(
        "last_receipt_wins",
        "the last receipt wins, whatever came before",
        RECEIPTS,
        "if status.RANK[new] <= status.RANK.get(self.state, 0):",
        "if new == self.state:",
    ),
    Plant(
        "stray_receipt_dropped",
        "a receipt that finds no text is thrown away",
        RECEIPTS,
        "row.word not in status.FROM_RECEIPT:\n            continue",
        "row.word not in status.FROM_RECEIPT:\n            applied.append(row.id)\n"
        "            continue",
    ),
    Plant(
        "receipt_before_answer_lost",
        "a receipt does not find its text by the attempt in its address",
        RECEIPTS,
        "ON a.id = r.attempt_id AND a.customer_id = r.customer_id",
        "ON a.id = r.attempt_id AND a.provider_sid = r.provider_sid",
    ),
    Plant(
        "failure_teaches_nothing",
        "the carrier's report that a person opted out is not heard",
        RECEIPTS,
        "    if lessons:\n",
        "    if lessons and later:\n",
    ),
    Plant(
        "carriers_opt_out_ignored",
        "a refusal because a person opted out at the carrier opts nobody out",
        "messaging/dispatch/consequences.py",
        '"opt_out": _opt_out,',
        '"opt_out": _note_bug,',
    ),
    Plant(
        "absent_typed_goes_again",
        "a typed text that is nowhere at the horizon goes again by itself",
        RECONCILE,
        "bulk = is_absent and message.kind == Message.CAMPAIGN",
        "bulk = is_absent",
    ),
    Plant(
        "no_horizon",
        "a text counts as absent at the first look",
        RECONCILE,
        "if clock.now() >= doubtful.wire_at + HORIZON:",
        "if clock.now() >= doubtful.wire_at:",
    ),
    Plant(
        "absent_keeps_contact",
        "a campaign's text that goes again keeps its contact",
        RECONCILE,
        'ledger.give_back([message.id], reason="absent at the carrier")',
        'ledger.give_back([], reason="absent at the carrier")',
    ),
)
