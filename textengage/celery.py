"""Celery: the slow work, the timetable, and the pump that every worker hosts."""

import logging
import os
from typing import Any

from celery import Celery, bootsteps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "textengage.settings")

app = Celery("textengage")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["textengage"], related_name="timetable")
app.autodiscover_tasks(["reporting"], related_name="exports")
app.conf.beat_schedule = {
    "every_minute": {
        "task": "textengage.timetable.every_minute",
        "schedule": 60.0,
        "options": {"expires": 50},
    },
}
log = logging.getLogger(__name__)


class Quiet(bootsteps.Step):
    """Tells the broker nothing about the worker itself: nobody reads that, and a worker
    retrying such news at a dead broker is deaf to the signal that stops it."""

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        parent.options |= {
            "without_heartbeat": True,
            "without_gossip": True,
            "without_mingle": True,
        }


class PumpStep(bootsteps.StartStopStep):
    """Runs the pump beside the worker's pool, whether or not a broker answers.

    Workers use the threads pool: nothing forks, so no child inherits the pump's loop or
    its connections (docs/decisions/).
    """

    requires = {"celery.worker.components:Pool"}

    def __init__(self, parent: Any, **options: Any) -> None:
        self.pump: Any = None
        super().__init__(parent, **options)

    def start(self, parent: Any) -> None:
        from textengage.pumping import make_pump  # noqa: PLC0415 - after Django is set up

        self.pump = make_pump()
        self.pump.start()

    def stop(self, parent: Any) -> None:
        if self.pump:
            self.pump.stop()
            self.pump = None

    terminate = stop


app.steps["worker"].update({Quiet, PumpStep})
