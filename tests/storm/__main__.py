"""`python -m tests.storm`: what `manage.py storm` does, from a shell without settings."""

import sys

from tests.storm.launch import launch
from tests.storm.options import parse

if __name__ == "__main__":
    sys.exit(launch(parse(sys.argv[1:])))
