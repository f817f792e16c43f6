from playwright.sync_api import Page


def test_browser_runs(page: Page) -> None:
    page.set_content("<title>TextEngage</title>")
    assert page.title() == "TextEngage"
