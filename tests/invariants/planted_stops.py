"""Violations of Do Not Text. Each returns the ids the audit must name."""

from accounts.models import Team
from messaging.conversations.models import Message
from tests.invariants.world import MICROSECOND, MINUTE, SECOND, Person, World

SAID = (
    "Stop.",
    " STOPALL!\n",
    "\u201cunsubscribe\u201d",
    "Opt-Out",
    "arrêt",
    "ARRÊT",
    "退订。",
    "\uff33\uff34\uff2f\uff30",
    "\u200bquit\u200b \U0001f64f",
    "stop2quit",
    "[REVOKE]",
    "\\end/",
)


def s1_texted_after_stop(world: World, dana: Person) -> list[object]:
    world.stop(dana, world.ago(hours=2))
    return [world.text(dana, world.ago(hours=1)).id]


def s1_on_the_wire_in_the_very_instant(world: World, dana: Person) -> list[object]:
    at = world.ago(hours=2)
    text = world.text(dana, at)
    world.opt_out(dana, at + SECOND / 2)
    return [text.id]


def s1_texted_on_another_channel(world: World, dana: Person) -> list[object]:
    other = world.address(dana.candidate, "Dana-17", "whatsapp")
    world.stop(dana, world.ago(hours=2))
    text = world.text(dana, world.ago(hours=1), channel="whatsapp", address=other)
    return [text.id]


def s1_texted_by_a_child_of_the_team(world: World, dana: Person) -> list[object]:
    parent = Team.objects.create(customer=world.customer, name="North")
    world.opt_out(dana, world.ago(hours=2), team=parent)
    path = [parent.id, world.team.id]
    return [world.text(dana, world.ago(hours=1), sender_team_path=path).id]


def s1_texted_a_microsecond_before_start(world: World, dana: Person) -> list[object]:
    optout = world.stop(dana, world.ago(hours=3))
    world.start(dana, world.ago(hours=2), lifting=optout)
    assert optout.revoked_at is not None
    text = world.text(dana, world.ago(hours=2))
    text.attempts.update(wire_at=optout.revoked_at - MICROSECOND)
    return [text.id]


def s2_found_late_without_an_optout(world: World, dana: Person) -> list[object]:
    world.answer(dana, "START", world.ago(hours=4))
    text = world.answer(dana, "STOP", world.ago(hours=3))
    Message.objects.filter(id=text.id).update(recovered_at=world.ago(hours=2))
    world.answer(dana, "START", world.ago(hours=1))
    return [text.id]


def s2_stop_word_without_an_optout(world: World, dana: Person) -> list[object]:
    texts = [world.answer(dana, body, world.ago(hours=2)) for body in SAID]
    return [text.id for text in texts]


def s2_optout_six_seconds_late(world: World, dana: Person) -> list[object]:
    at = world.ago(hours=2)
    world.opt_out(dana, at + 6 * SECOND)
    return [world.answer(dana, "STOP", at).id]


def s2_stop_after_start_forgotten(world: World, dana: Person) -> list[object]:
    optout = world.stop(dana, world.ago(hours=4))
    world.start(dana, world.ago(hours=3), lifting=optout)
    return [world.answer(dana, "STOP", world.ago(hours=2)).id]


def s3_confirmed_twice(world: World, dana: Person) -> list[object]:
    optout = world.stop(dana, world.ago(hours=2))
    world.confirm(dana, optout, world.ago(hours=2) + MINUTE)
    return [optout.id]


def s3_confirmed_before_it_held(world: World, dana: Person) -> list[object]:
    optout = world.stop(dana, world.ago(hours=2))
    Message.objects.filter(optout=optout).update(created_at=optout.effective_at - MICROSECOND)
    return [optout.id]


def s3_confirmed_too_late(world: World, dana: Person) -> list[object]:
    optout = world.stop(dana, world.ago(hours=2))
    late = optout.effective_at + 5 * MINUTE + MICROSECOND
    Message.objects.filter(optout=optout).update(created_at=late)
    return [optout.id]
