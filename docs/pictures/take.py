"""Takes the pictures of the README from a running demo, after a short talk with Dana.

    make demo-reset PORT=9300
    .venv/bin/python docs/pictures/take.py 9300

Best with a fresh demo: only then is the talk the only one.
"""

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from tests.browser.conftest import QUIET, chromium  # noqa: E402 - from the checkout

PASSWORD = "demo-textengage"  # noqa: S105 - printed for whoever starts the demo
TALK = [
    (
        "rita",
        "Hi $firstName, this is $myFirstName from $company. Thank you for applying as a "
        "$job. Do you have ten minutes this week?",
    ),
    ("dana", "Hi Rita, yes. I work nights, so afternoons are best."),
    ("rita", "Thursday at 3 PM? I will call you on this number."),
    ("dana", "Thursday at 3 is good. Is the job at the Oakland clinic?"),
]
OMAR = "Hi $firstName, $myFirstName from $company. Is the $job job still of interest?"
LARGE = {"width": 1440, "height": 860}
PHONE = {"width": 390, "height": 780}
DESK = {"width": 1280, "height": 940}  # high enough for a whole phone
WAIT_MS = 20_000  # a text waits 5 s for Undo before it leaves


def main(port: int) -> None:
    pages, handsets = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 100}"
    arguments = ["--no-sandbox", *(f"--disable-{word}" for word in QUIET)]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=arguments)
        rita = open_page(browser, "light")
        sign_in(rita, pages)
        write_to(rita, pages, "Omar Haddad")
        say(rita, OMAR)
        expect(rita.locator("#texts")).to_contain_text("Omar", timeout=WAIT_MS)
        thread = talk(rita, pages, open_page(browser, "light", DESK, scale=1), handsets)
        take(rita, "inbox-light")
        for name, scheme, size in (("inbox-dark", "dark", LARGE), ("phone-light", "light", PHONE)):
            other = open_page(browser, scheme, size)
            sign_in(other, pages)
            other.goto(thread)
            take(other, name)
        browser.close()


def talk(rita: Page, pages: str, dana: Page, handsets: str) -> str:
    """Rita on her page, Dana on her handset; returns the thread's address."""
    write_to(rita, pages, "Dana Kim")
    dana.goto(handsets)
    for number, (who, text) in enumerate(TALK, start=1):
        if who == "rita":
            say(rita, text)
            if number == 1:
                dana.get_by_role("link", name="Dana Kim").click()
            expect(dana.locator("#log .bubble")).to_have_count(number, timeout=WAIT_MS)
        else:
            dana.get_by_label("Text", exact=True).fill(text)
            dana.get_by_role("button", name="Send", exact=True).click()
            expect(rita.locator("#texts")).to_contain_text(text, timeout=WAIT_MS)
    take(dana, "handsets")
    rita.goto(f"{pages}/inbox/needs-reply/")
    rita.get_by_role("link", name="Dana Kim").first.click()
    return rita.url


def open_page(
    browser: Browser, scheme: str, size: dict[str, int] = LARGE, scale: float = 1.5
) -> Page:
    looks = {"color_scheme": scheme, "viewport": size, "device_scale_factor": scale}
    page = browser.new_context(**looks).new_page()
    page.set_default_timeout(WAIT_MS)
    return page


def sign_in(page: Page, pages: str) -> None:
    page.goto(f"{pages}/sign-in/")
    page.locator("[name=username]").fill("rita@acme.example")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{pages}/")


def write_to(rita: Page, pages: str, name: str) -> None:
    rita.goto(f"{pages}/candidates/")
    rita.get_by_role("link", name=name).click()
    begin = rita.get_by_role("button", name="Text ").or_(
        rita.get_by_role("link", name="Open thread")
    )
    begin.first.click()


def say(rita: Page, text: str) -> None:
    rita.locator("#composer-text").fill(text)
    rita.locator("[data-send]").click()
    expect(rita.locator("#composer-text")).to_have_value("")


def take(page: Page, name: str) -> None:
    page.wait_for_timeout(1_000)  # the last redraw
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=HERE / f"{name}.png")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8000)
