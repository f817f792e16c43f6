"""Bugs in choosing, judging and starting."""

from typing import Final

from tests.storm.planted.plant import Plant

CLAIM: Final = "messaging/dispatch/claim.py"
WIRE: Final = "messaging/dispatch/wire.py"
PICK: Final = "messaging/dispatch/picking.py"
OUTBOX: Final = "messaging/dispatch/outbox.py"

PLANTS: Final = (
    Plant(
        "no_gate_at_claim",
        "the gate is not asked again before the wire",
        CLAIM,
        "verdicts = gate.run(Batch([each.item for each in due], Moment.WIRE, at))",
        "verdicts = {each.item.id: Verdict(Effect.PASS) for each in due}",
    ),
    Plant(
        "person_not_locked",
        "the claim locks the text and not the person",
        CLAIM,
        "FOR UPDATE OF m, w SKIP LOCKED",
        "FOR UPDATE OF m SKIP LOCKED",
    ),
    Plant(
        "in_flight_not_seen_again",
        "one in flight per person is not looked at again under the lock",
        CLAIM,
        "if person not in busy:",
        "if person:",
    ),
    Plant(
        "two_texts_one_person",
        "two texts of one person are claimed and charged at once",
        CLAIM,
        "chosen.setdefault(person, each)",
        "chosen[person[0], each.item.id] = each",
    ),
    Plant(
        "workers_clock_claims",
        "the worker's own clock decides the 45 days",
        CLAIM,
        "at = clock.now()",
        "at = datetime.now().astimezone()",
    ),
    Plant(
        "confirmations_charged",
        "confirmations of STOP cost a contact",
        CLAIM,
        "paying = [each for each in passed if not each.item.is_compliance]",
        "paying = list(passed)",
    ),
    Plant(
        "held_is_refused",
        "what should wait for contacts or a license is refused for good",
        CLAIM,
        "return status.HELD if verdict.effect is Effect.HOLD else status.REFUSED",
        "return status.REFUSED",
    ),
    Plant(
        "stopped_stays_queued",
        "what the gate stops is not set aside and stays in the queue",
        CLAIM,
        "_set_aside(stopped, verdicts, at)",
        "_set_aside([], verdicts, at)",
    ),
    Plant(
        "retry_overtaken",
        "a text that waits for another try is overtaken by a later one",
        PICK,
        "(e.created_at, e.id) < (m.created_at, m.id)",
        "(e.created_at, e.id) > (m.created_at, m.id)",
    ),
    Plant(
        "newest_first",
        "the person's newest text goes first",
        PICK,
        "(e.due_at, e.created_at, e.id) < (m.due_at, m.created_at, m.id)",
        "(e.due_at, e.created_at, e.id) > (m.due_at, m.created_at, m.id)",
    ),
    Plant(
        "license_not_seen_at_start",
        "the license is not looked at again just before the socket",
        WIRE,
        "AND (m.kind = 'compliance' OR (",
        "AND (m.kind <> '' OR (",
    ),
    Plant(
        "start_not_obeyed",
        "a text goes although marking it as sending said no",
        WIRE,
        "return {row[0] for row in sql.rows(START, list(attempt_ids), START_WITHIN)}",
        "return {*attempt_ids, *sql.rows(START, list(attempt_ids), START_WITHIN)}",
    ),
    Plant(
        "start_however_old",
        "a worker that was suspended starts what it claimed long ago",
        WIRE,
        "AND a.claimed_at > (SELECT app_now()) - %s",
        "AND a.claimed_at > (SELECT app_now()) - 9 * %s",
    ),
    Plant(
        "wire_instant_of_claim",
        "the instant of the wire is that of the claim",
        WIRE,
        "UPDATE messaging_attempt a SET wire_at = (SELECT app_now())",
        "UPDATE messaging_attempt a SET wire_at = a.claimed_at",
    ),
    Plant(
        "gate_not_asked_at_queueing",
        "every text is queued, whatever the gate says",
        OUTBOX,
        "state=STATE_OF[verdict.effect],",
        "state=status.QUEUED,",
    ),
    Plant(
        "license_of_anybody",
        "a text stands for anybody, licensed or not",
        "messaging/gate/checks/license.py",
        "if (item.customer_id, item.licensee_id) not in licensed",
        "if item.licensee_id is None and item.customer_id not in licensed",
    ),
)
