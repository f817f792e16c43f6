"""The main job in a real browser: the recruiter's page and the candidate's handset, live."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.product import PASSWORD, Product


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    with tempfile.TemporaryDirectory() as var, Product(Path(var)) as running:
        yield running


@pytest.fixture
def handset(browser: Browser, product: Product) -> Iterator[Page]:
    """A candidate's phone, in a window of its own."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


def sign_in(page: Page, product: Product, email: str = "rita@acme.example") -> None:
    page.goto(product.base)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()


def add_candidate(page: Page, product: Product, first: str, number: str) -> None:
    page.goto(f"{product.base}/candidates/new/")
    page.get_by_label("First name").fill(first)
    page.get_by_label("Last name").fill("Browser")
    page.get_by_label("Mobile number").fill(number)
    page.get_by_role("button", name="Add").last.click()
    page.get_by_role("button", name=f"Text {first}").click()
    expect(page.get_by_role("heading", name=f"{first} Browser")).to_be_visible()


def write(page: Page, body: str) -> None:
    page.locator("textarea[name=body]").fill(body)
    page.keyboard.press("Enter")


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
