"""The simulated carrier: a program of its own that speaks Twilio's REST API.

It imports nothing of the product and nothing of the product imports it; the two meet
over HTTP only. Start it with `python -m messaging.simulator --port 8100`.
"""
