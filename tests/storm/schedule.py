"""One schedule from the empty database to the verdict."""

import time
from collections import Counter
from dataclasses import dataclass
from uuid import uuid4

from credits import ledger, windows
from tests.storm import quiet, world
from tests.storm.place import Place, insist
from tests.storm.plan import DAY, SPAN, Plan
from tests.storm.traffic import Traffic
from tests.storm.verdict import Verdict, judge
from tests.storm.weather import Weather
from textengage.lib import sql

STRETCH = 20.0
"""Seconds that traffic may last at most, whatever strikes."""
AGO = """
UPDATE credits_contactwindow SET last_at = app_now() - %s * interval '1 second'
WHERE (customer_id, contact_key) IN ((%s, %s)) RETURNING extract(epoch FROM last_at)::float8
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one schedule came to."""

    plan: Plan
    verdict: Verdict
    struck: Counter[str]
    seconds: float


def rage(place: Place, plan: Plan) -> Outcome:
    """Do it. Raises ProcessFailed when something ends that nobody killed."""
    began = time.monotonic()
    _prepare(place, plan)
    traffic = Traffic(place, plan)
    try:
        _write_history(place, plan, traffic)
        weather = Weather(place, plan)
        _traffic(place, plan, traffic, weather)
        struck = _calm(place, plan, traffic, weather)
    finally:
        traffic.close()
    verdict = judge(place, plan, traffic, web_faults=place.processes.faults_of_web())
    struck += _hardships(plan, traffic, verdict)
    return Outcome(plan, verdict, struck, time.monotonic() - began)


def _prepare(place: Place, plan: Plan) -> None:
    place.passed = 0.0
    quiet.wait_until_still(place)
    world.empty(place.rows.connection())
    insist(lambda: world.everybody_is_licensed(place.houses))
    place.processes.faults_of_web()
    people = place.houses["Acme"].people
    moods = {people[person].number: mood for person, mood in plan.moods.items()}
    place.processes.carrier.begin(
        seed=plan.seed * 100_003 + plan.number, plan=plan.carrier, moods=moods
    )
    for house, amount in plan.grants.items():
        insist(lambda: ledger.grant(place.houses[house].customer, amount, by=None))  # noqa: B023


def _write_history(place: Place, plan: Plan, traffic: Traffic) -> None:
    """People texted before: as after a merge with somebody who was."""

    def carry() -> None:
        for house_name, person, age in plan.history:
            house = place.houses[house_name]
            customer, other = house.customer.id, uuid4()
            windows.ensure([(customer, other)])
            ((instant,),) = sql.rows(AGO, age, customer, other)
            target = house.people[person].candidate.contact_key
            ledger.carry(customer, source=other, target=target, by=None)
            traffic.history.append((house_name, person, float(instant)))

    insist(carry)


def _traffic(place: Place, plan: Plan, traffic: Traffic, weather: Weather) -> None:
    began = time.monotonic()
    leaps = plan.leap
    while True:
        at = time.monotonic() - began
        if leaps and at > SPAN / 2:
            _leap(place, weather, leaps)
            began = time.monotonic() - SPAN / 2
            leaps = 0.0
        weather.tick(at)
        traffic.tick(at)
        place.processes.keep_alive()
        if (at > SPAN and traffic.is_over()) or at > STRETCH:
            return
        time.sleep(0.004)


def _leap(place: Place, weather: Weather, seconds: float) -> None:
    """Days pass, once nothing is on the wire: no request lasts that long."""
    weather.pause()
    quiet.wait_until_still(place)
    if seconds > DAY:
        place.let_pass(quiet.LEASE_OVER)
        quiet.wait_until_still(place)
    place.let_pass(seconds)


def _calm(place: Place, plan: Plan, traffic: Traffic, weather: Weather) -> Counter[str]:
    weather.end()
    if not weather.holds_somebody:
        weather.let_go()
    struck = Counter(place.processes.carrier.behave())
    for house, amount in plan.topped_up.items():
        insist(lambda: ledger.grant(place.houses[house].customer, amount, by=None))  # noqa: B023
    if weather.holds_somebody:
        place.let_pass_for_the_suspended(quiet.LEASE_OVER)
    quiet.settle(place)
    if weather.holds_somebody:
        weather.let_go()
        quiet.settle(place)
    if plan.sends_again and traffic.send_again():
        quiet.settle(place)
    return struck + weather.struck


def _hardships(plan: Plan, traffic: Traffic, verdict: Verdict) -> Counter[str]:
    """What struck beside the faults; and one kind of refusal by the name it was asked for."""
    stops = {(w.text.house, w.text.person) for w in traffic.written if w.text.body == "STOP"}
    written_to = Counter((p.text.house, p.text.person) for p in traffic.pressed.values())
    return Counter(
        {
            "stop_raced": sum(bool(written_to[person]) for person in stops),
            "started_again": sum(w.text.body == "START" for w in traffic.written),
            "cancel_raced": sum(p.tried_to_cancel for p in traffic.pressed.values()),
            "contacts_ran_out": verdict.codes["no_contacts"],
            "license_ended": int(traffic.license_ended),
            "clock_leaped": int(bool(plan.leap)),
        }
    )
