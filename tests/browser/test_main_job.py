"""The main job in a real browser: the recruiter's page and the candidate's handset, live."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.acting import add_candidate, sign_in, write
from tests.journeys.product import Product


@pytest.fixture
def handset(browser: Browser, product: Product) -> Iterator[Page]:
    """A candidate's phone, in a window of its own."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


def type_on(handset: Page, product: Product, name: str, body: str) -> None:
    if handset.url == "about:blank":
        handset.goto(product.carrier)
        handset.get_by_role("link", name=name).click()
    handset.get_by_role("textbox").last.fill(body)
    handset.keyboard.press("Enter")


def test_main_job_is_live_on_the_open_page(page: Page, handset: Page, product: Product) -> None:
    sign_in(page, product)
    add_candidate(page, product, "Bea", "(510) 555-0188")
    texts = page.get_by_role("log")
    send = page.get_by_role("button", name="Send", exact=False).last
    expect(send).to_have_text("Send, 1 contact")

    write(page, "Hi $firstName, this is $myFirstName from $company.")
    ours = texts.locator("li.text").first
    expect(ours).to_contain_text("Hi Bea, this is Rita from Acme.")
    expect(ours).to_contain_text("Sending")
    expect(ours).to_contain_text("Delivered")
    expect(send).to_have_text("Send")

    type_on(handset, product, "+1 510-555-0188", "Yes, Thursday works")
    expect(texts).to_contain_text("Yes, Thursday works")

    write(page, "A draft that stays")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("textarea[name=body]")).to_have_value("A draft that stays")

    type_on(handset, product, "", "STOP")
    expect(page.get_by_text("Only Bea can change this").first).to_be_visible()
    expect(page.get_by_text("A draft that stays").first).to_be_visible()
    expect(handset.get_by_text("You will get no more texts from Acme").first).to_be_visible()

    type_on(handset, product, "", "START")
    expect(page.get_by_text("Only Bea can change this")).to_have_count(0)
    write(page, "Welcome back")
    expect(texts.locator("li.text", has_text="Welcome back")).to_contain_text("Delivered")


def test_two_recruiters_see_the_same_thread_change(
    page: Page, browser: Browser, product: Product
) -> None:
    sign_in(page, product)
    add_candidate(page, product, "Cal", "(510) 555-0189")
    colleague = browser.new_context().new_page()
    sign_in(colleague, product, "mona@acme.example")
    colleague.goto(page.url.replace("/all/", "/everyone/"))
    write(page, "Seen by both")
    expect(colleague.get_by_role("log")).to_contain_text("Seen by both")
    expect(colleague.get_by_role("log")).to_contain_text("Delivered")
    colleague.context.close()
