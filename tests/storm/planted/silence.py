"""Bugs in Do Not Text, in taking texts back, and in what comes in."""

from typing import Final

from tests.storm.planted.plant import Plant

STOPPING: Final = "messaging/dispatch/stopping.py"
OPTOUT: Final = "messaging/candidates/optout.py"
WITHDRAWING: Final = "messaging/dispatch/withdrawing.py"
COMPLIANCE: Final = "messaging/inbound/compliance.py"

REFUSE: Final = """    withdrawing.withdraw(ids, to=status.REFUSED, reason="opted out")
    verdict = refuse("opted_out", f"{candidate.first_name} opted out before this text left.")
    Message.objects.filter(id__in=ids, state=status.REFUSED).update(verdict=verdict.as_json())
"""
RECORD: Final = """    given = optout.record(
        candidate,
        source=source,
        word=word,
        evidence=evidence,
        by=by,
        message_id=message_id,
        team_id=team_id,
    )
"""
WITHDRAW_AND_RECORD: Final = REFUSE + RECORD
RECORD_AND_WITHDRAW: Final = RECORD + REFUSE

PLANTS: Final = (
    Plant(
        "stop_withdraws_nothing",
        "STOP leaves what waits in the queue",
        STOPPING,
        'withdrawing.withdraw(ids, to=status.REFUSED, reason="opted out")',
        'withdrawing.withdraw([], to=status.REFUSED, reason="opted out")',
    ),
    Plant(
        "stop_leaves_claimed",
        "STOP lets go what a worker has claimed",
        STOPPING,
        "state__in=status.WITHDRAWABLE)",
        "state__in=(status.HELD, status.QUEUED))",
    ),
    Plant(
        "stop_read_before_the_locks",
        "STOP's instant is read before the texts are locked that may be leaving",
        STOPPING,
        WITHDRAW_AND_RECORD,
        RECORD_AND_WITHDRAW,
    ),
    Plant(
        "opt_out_not_asked",
        "the gate knows opt-outs of teams only",
        "messaging/gate/checks/do_not_text.py",
        "if each.team_id is None or each.team_id in item.sender_team_path:",
        "if each.team_id in item.sender_team_path:",
    ),
    Plant(
        "start_lifts_nothing",
        "START does not lift an opt-out",
        OPTOUT,
        "id__in=member_of, revoked_at__isnull=True",
        "id__in=member_of, revoked_at__isnull=False",
    ),
    Plant(
        "lifted_still_holds",
        "a lifted opt-out still holds",
        OPTOUT,
        "AND o.revoked_at IS NULL",
        "AND (o.revoked_at IS NULL OR o.effective_at < o.revoked_at)",
    ),
    Plant(
        "confirmed_twice",
        "every further STOP is confirmed once more",
        COMPLIANCE,
        "if given and not already_answered",
        "if not already_answered",
    ),
    Plant(
        "withdrawn_keeps_contact",
        "a text taken back keeps its contact",
        WITHDRAWING,
        "ledger.give_back(changed, reason=reason)",
        "ledger.give_back([], reason=reason)",
    ),
    Plant(
        "wire_is_called_back",
        "a text that is on the wire is taken back",
        WITHDRAWING,
        "WHERE id = ANY(%s::uuid[]) AND state = ANY(%s)",
        "WHERE id = ANY(%s::uuid[]) AND (state = ANY(%s) OR state = 'sending')",
    ),
    Plant(
        "attempt_left_open",
        "a text is taken back and its attempt stays open",
        WITHDRAWING,
        'close_attempts(changed, outcome="withdrawn")',
        'close_attempts([], outcome="withdrawn")',
    ),
    Plant(
        "answered_before_commit",
        "a callback is answered before it is stored",
        "messaging/hooks/batching.py",
        "await stored",
        "stored.done()",
    ),
    Plant(
        "any_signature",
        "a callback with any signature is taken",
        "messaging/providers/twilio.py",
        "if not signature or not _signature.is_signed(",
        "if not signature and not _signature.is_signed(",
    ),
    Plant(
        "duplicate_refused",
        "a callback that comes twice is an error",
        "messaging/inbound/events.py",
        "    ON CONFLICT DO NOTHING\n",
        "\n",
    ),
    Plant(
        "receipts_dropped_on_arrival",
        "receipts without a text of ours are not stored",
        "messaging/hooks/storing.py",
        "AS t (customer_id, account_id, attempt_id, sid, status, code, body)\n    ON CONFLICT",
        "AS t (customer_id, account_id, attempt_id, sid, status, code, body)\n"
        "    WHERE attempt_id IN (SELECT id FROM messaging_attempt)\n    ON CONFLICT",
    ),
)
