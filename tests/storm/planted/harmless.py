"""Edits that change nothing: whoever finds one of them cries wolf."""

from typing import Final

from tests.storm.planted.plant import Plant

PLANTS: Final = (
    Plant(
        "renamed_local",
        "a local variable has another name",
        "messaging/dispatch/sweeps.py",
        "released = len(sql.rows(RELEASE, BATCH))\n    if released:\n        live.wake(OUTBOX)\n"
        "    return released",
        "count = len(sql.rows(RELEASE, BATCH))\n    if count:\n        live.wake(OUTBOX)\n"
        "    return count",
        is_harmless=True,
    ),
    Plant(
        "reordered",
        "two statements that do not touch each other have changed places",
        "messaging/dispatch/reconcile.py",
        'withdrawing.close_attempts([message.id], outcome="absent")\n'
        "    Attempt.objects.filter(id=doubtful.attempt_id).update(looked_up_at=clock.now())",
        "Attempt.objects.filter(id=doubtful.attempt_id).update(looked_up_at=clock.now())\n"
        '    withdrawing.close_attempts([message.id], outcome="absent")',
        is_harmless=True,
    ),
    Plant(
        "log_text",
        "a log line reads differently",
        "messaging/gate/gate.py",
        "the check %s broke; its %d texts wait",
        "check %s has broken; %d texts wait for it",
        is_harmless=True,
    ),
    Plant(
        "larger_batch",
        "receipts are applied in larger batches",
        "messaging/dispatch/receipts.py",
        "BATCH: Final = 500",
        "BATCH: Final = 700",
        is_harmless=True,
    ),
    Plant(
        "equal_sql",
        "the same condition in other words",
        "messaging/dispatch/claim.py",
        "AND m.state || '' = 'queued'",
        "AND m.state = 'queued'",
        is_harmless=True,
    ),
    Plant(
        "equal_days",
        "45 days in Python's own words, which are seconds too",
        "credits/rules.py",
        "timedelta(seconds=45 * 86_400)",
        "timedelta(days=45)",
        is_harmless=True,
    ),
)
