"""The storm: seeded schedules of texts and faults over real processes.

``python manage.py storm`` or ``python -m tests.storm``: both prepare the ground (`ground`) and
start `run` in a process of its own. A schedule's plan (`plan`) follows from seed and number
alone; what really happened is judged by the carrier's own log (`verdict`).
"""
