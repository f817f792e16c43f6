"""Settings of the baseline of `webhooks`: no middleware, two addresses of its own.

Not in its package, whose import needs settings.
"""

from textengage.settings import *  # noqa: F403

MIDDLEWARE = []
ROOT_URLCONF = "benchmarks.webhooks.baseline"
