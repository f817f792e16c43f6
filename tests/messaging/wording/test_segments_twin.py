"""The browser's twin gives the same answers as Python, in a real Chromium."""

import json
import os
import random
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Route, sync_playwright

from messaging.wording import segments

ROOT = Path(__file__).parents[3]
TWIN = ROOT / "textengage" / "static" / "textengage" / "js" / "segments.js"
VECTORS = ROOT / "tests" / "vectors" / "segments.json"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]
ALPHABET = (
    "ab 1{€\n\r\f\t\x00`\u00e9\u00e1\u2019\u2026\u00a0\u0301\u200b\u200d\ufe0f\u20e3\u4f60\u2764"
    "\U0001f61c\U0001f44d\U0001f3fd\U0001f468\U0001f1fa\U0001f1f8\ud83d\ude1c"
)
COMPARE = """
async () => {
  const { count } = await import("/segments.js");
  const cases = await (await fetch("/cases.json")).json();
  const wrong = [];
  for (const { text, expected } of cases) {
    const whole = text.map(([piece, times]) => piece.repeat(times)).join("");
    const counted = count(whole);
    for (const [field, value] of Object.entries(expected)) {
      if (counted[field] !== value) wrong.push([text, field, value, counted[field]]);
    }
  }
  return { compared: cases.length, wrong: wrong.map((item) => JSON.stringify(item)) };
}
"""


def cases() -> list[dict[str, Any]]:
    vectors = json.loads(VECTORS.read_text())
    return [
        {"text": v["text"], "expected": {k: v[k] for k in v if k not in {"name", "text"}}}
        for v in vectors
    ] + [random_case(random.Random(seed)) for seed in range(1000)]  # noqa: S311


def random_case(dice: random.Random) -> dict[str, Any]:
    letters = dice.sample(ALPHABET, dice.randint(1, 8))
    # Two lone halves side by side are one character to a browser and two to Python.
    text = "".join(dice.choices(letters, k=dice.randint(0, 340))).replace("\ud83d\ude1c", "")
    return {"text": [[text, 1]], "expected": asdict(segments.count(text))}


def answer(route: Route, expected: str) -> None:
    if route.request.url.endswith("/segments.js"):
        route.fulfill(path=TWIN, content_type="text/javascript")
    elif route.request.url.endswith("/cases.json"):
        route.fulfill(body=expected, content_type="application/json")
    else:
        route.fulfill(body="<!doctype html><title>twin</title>", content_type="text/html")


@pytest.mark.timeout(60)
def test_browser_twin_counts_like_python() -> None:
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing: the browser's segment counter was not proven")
        pytest.skip("NOT PROVEN: no Chromium, the browser's segment counter was not compared")
    expected = cases()
    body = json.dumps(expected)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        page = browser.new_page()
        page.route("**/*", lambda route: answer(route, body))
        page.goto("http://twin.test/")
        result = page.evaluate(COMPARE)
        browser.close()
    assert result == {"compared": len(expected), "wrong": []}
