"""The usual way: every worker process keeps to a rate limit of its own, texts in their order.

That is what a task queue's rate limit does. The limit is the sum of all allowances divided
by the processes, the longest that can be divided without knowing the other one. `main` is
one process: the carrier's address and limit as words, then a line of texts to send, then
``go``; it sends until it is ended, spared the database and every check.
"""

import json
import sys
import time
from base64 import b64encode
from http.client import HTTPConnection
from urllib.parse import urlencode

from benchmarks._carrier import TOKEN
from textengage.cast import ACME_SID

PATH = f"/2010-04-01/Accounts/{ACME_SID}/Messages.json"
HEADERS = {
    "Authorization": "Basic " + b64encode(f"{ACME_SID}:{TOKEN}".encode()).decode(),
    "Content-Type": "application/x-www-form-urlencoded",
}


def main(words: list[str]) -> None:
    address, limit = words[0].rpartition("/")[2], float(words[1])
    texts = json.loads(sys.stdin.readline())
    connection = HTTPConnection(address)
    print("ready", flush=True)
    sys.stdin.readline()
    due = time.monotonic()
    for sender, recipient, body, segments in texts:
        time.sleep(max(0.0, due - time.monotonic()))
        due += segments / limit
        form = urlencode({"From": sender, "To": recipient, "Body": body})
        connection.request("POST", PATH, form, HEADERS)
        connection.getresponse().read()
