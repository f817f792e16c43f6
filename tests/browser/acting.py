"""What people do on the pages."""

from playwright.sync_api import Page, expect

from tests.journeys.product import PASSWORD, Product


def sign_in(page: Page, product: Product, email: str = "rita@acme.example") -> None:
    page.goto(product.base)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()


def add_candidate(page: Page, product: Product, first: str, number: str) -> None:
    """Ends on their thread, which is empty."""
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
