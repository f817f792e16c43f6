"""What the scripts add to pages that work without them."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.acting import add_candidate, sign_in, write
from tests.journeys.product import Product, until

BOX = "textarea[name=body]"
COUNTER = "[data-counter]"
ROW_IN_FOCUS = "document.activeElement.querySelector('.row-name')?.textContent"
SCROLLED_UP = "document.querySelector('.thread-scroll').scrollTop = 0"
numbers = iter(range(160, 200))


def open_thread(page: Page, product: Product, first: str) -> str:
    """A thread of a person with a number of their own; returns the number."""
    number = f"+1510555{next(numbers):04d}"
    sign_in(page, product)
    add_candidate(page, product, first, number)
    return number


def texts(page: Page) -> Locator:
    return page.get_by_role("log").locator("li.text")


def test_the_counter_counts_and_swaps_what_is_expensive(page: Page, product: Product) -> None:
    open_thread(page, product, "Ada")
    box, counter = page.locator(BOX), page.locator(COUNTER)
    expect(counter).to_have_text("0 of 160")
    box.fill("Hi Ada")
    expect(counter).to_have_text("6 of 160, 1 segment")
    box.fill("x" * 161)
    expect(counter).to_have_text("161 of 306, 2 segments")
    box.fill("x" * 80 + "\N{RIGHT SINGLE QUOTATION MARK}s")
    expect(counter).to_contain_text("2 segments because of \u201c\u2019\u201d")
    counter.get_by_role("button", name="Replace with \u201c'\u201d").click()
    expect(box).to_have_value("x" * 80 + "'s")
    expect(counter).to_have_text("82 of 160, 1 segment")
    box.fill("x" * 1_601)
    expect(counter).to_have_text("1 character too long")
    expect(page.locator("[data-send]")).to_be_disabled()


def test_a_long_draft_grows_the_box_to_40_percent_and_then_scrolls(
    page: Page, product: Product
) -> None:
    page.set_viewport_size({"width": 1280, "height": 700})
    open_thread(page, product, "Abe")
    box = page.locator(BOX)
    empty = box.evaluate("box => box.clientHeight")
    box.fill("\n".join("line" for _ in range(6)))
    grown = box.evaluate("box => box.clientHeight")
    box.fill("\n".join("line" for _ in range(60)))
    height, content = box.evaluate("box => [box.offsetHeight, box.scrollHeight]")
    assert empty < grown < height == 280 < content
    expect(page.locator("[data-send]")).to_be_in_viewport()


def test_a_variable_goes_where_the_caret_is(page: Page, product: Product) -> None:
    open_thread(page, product, "Ann")
    box = page.locator(BOX)
    box.fill("Hi , hello")
    box.evaluate("box => box.setSelectionRange(3, 3)")
    page.get_by_text("$ variable").click()
    page.get_by_role("button", name="$firstName", exact=True).click()
    expect(box).to_have_value("Hi $firstName, hello")
    expect(box).to_be_focused()
    box.fill("About $salary and $18.50")
    hint = page.get_by_text("No variable called $salary. It will be sent as written.")
    expect(hint).to_be_visible()


def test_enter_sends_and_shift_enter_breaks_the_line(page: Page, product: Product) -> None:
    open_thread(page, product, "Ben")
    page.locator(BOX).press_sequentially("One")
    page.keyboard.press("Shift+Enter")
    page.locator(BOX).press_sequentially("Two")
    expect(page.locator(BOX)).to_have_value("One\nTwo")
    expect(texts(page)).to_have_count(0)
    page.keyboard.press("Enter")
    expect(texts(page)).to_have_count(1)
    expect(texts(page).locator("[data-body]")).to_have_text("One\nTwo", use_inner_text=True)
    expect(page.locator(BOX)).to_have_value("")


def test_a_sent_text_takes_its_contact_off_the_meter(page: Page, product: Product) -> None:
    under_way = "SELECT count(*) FROM messaging_message WHERE state IN ('queued', 'claimed')"
    until(lambda: product.value(under_way) == 0)
    open_thread(page, product, "Cas")
    meter = page.locator("#contacts")
    left = int(meter.inner_text().split()[0])
    write(page, "Hello")
    expect(texts(page)).to_contain_text("Delivered")
    expect(meter).to_contain_text(f"{left - 1} of 500 contacts left")


def test_a_refused_draft_stays_to_be_mended(refused_page: Page, product: Product) -> None:
    page = refused_page
    open_thread(page, product, "Cy")
    page.locator(BOX).evaluate("box => { box.value = 'Bad\\u0000 text'; }")
    page.locator(BOX).press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("a character that cannot be sent")
    expect(page.locator(BOX)).to_have_value("Bad text")
    expect(texts(page)).to_have_count(0)
    page.locator(BOX).press("Enter")
    expect(texts(page)).to_have_count(1)


def test_the_sheet_lists_the_keys_of_the_page(page: Page, product: Product) -> None:
    open_thread(page, product, "Dee")
    page.locator(BOX).press("?")
    expect(page.locator(BOX)).to_have_value("?")
    page.locator(BOX).fill("")
    page.locator(BOX).blur()
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keys on this page")
    for key, meaning in (("R", "Write"), ("J", "Next"), ("G then I", "My Inbox")):
        term = sheet.locator("dt", has_text=key).filter(has_text=key).first
        expect(term.locator("+ dd")).to_have_text(meaning)
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)


def test_g_then_c_goes_and_typing_does_not(page: Page, product: Product) -> None:
    open_thread(page, product, "Dot")
    page.locator(BOX).press_sequentially("gc")
    expect(page.locator(BOX)).to_have_value("gc")
    page.locator(BOX).blur()
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(page.get_by_role("heading", name="Candidates")).to_be_visible()


def test_j_and_k_walk_the_rows(page: Page, product: Product) -> None:
    open_thread(page, product, "Ed")
    for first in ("Eva", "Eli"):
        add_candidate(page, product, first, f"+1510555{next(numbers):04d}")
    page.goto(f"{product.base}/inbox/all/")
    rows = page.locator("[data-rows] .row-name").all_inner_texts()
    assert len(rows) > 2
    seen = []
    for key in ("j", "j", "j", "k"):
        page.keyboard.press(key)
        seen.append(page.evaluate(ROW_IN_FOCUS))
    assert seen == [rows[0], rows[1], rows[2], rows[1]]
    assert page.locator("[data-rows] a[tabindex='0']").count() == 1
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=rows[1], level=1)).to_be_visible()


def test_a_text_that_arrives_while_one_reads_above_waits_behind_a_pill(
    page: Page, product: Product
) -> None:
    page.set_viewport_size({"width": 1280, "height": 500})
    number = open_thread(page, product, "Flo")
    write(page, "Hello Flo")
    expect(texts(page)).to_contain_text("Delivered")
    for line in range(7):
        product.text_from(number, f"Line {line}\nof\nthree")
    expect(texts(page)).to_have_count(8)
    page.evaluate(SCROLLED_UP)
    top = texts(page).first
    expect(top).to_be_in_viewport()
    product.text_from(number, "The last one")
    pill = page.get_by_role("button", name="Flo wrote")
    expect(pill).to_be_visible()
    expect(top).to_be_in_viewport()
    pill.click()
    expect(texts(page).last).to_be_in_viewport()
    expect(pill).to_be_hidden()


def test_an_open_folder_is_lit_and_counted_once(page: Page, product: Product) -> None:
    number = open_thread(page, product, "Gil")
    write(page, "Hello Gil")
    expect(texts(page)).to_contain_text("Delivered")
    product.text_from(number, "Hello")
    page.goto(f"{product.base}/inbox/needs-reply/")
    nav = page.get_by_role("navigation", name="Main", exact=True)
    expect(nav.locator(".badge:visible", has_text="need a reply")).to_have_count(1)
    page.keyboard.press("[")
    expect(nav.locator(".badge:visible", has_text="need a reply")).to_have_count(1)


@pytest.mark.timeout(60)
def test_an_open_page_catches_up_when_the_stream_comes_back(
    refused_page: Page, product: Product
) -> None:
    page = refused_page
    open_thread(page, product, "Hal")
    write(page, "Are you there?")
    expect(texts(page)).to_contain_text("Delivered")
    banner = page.get_by_text("Not connected. Your drafts are safe")
    expect(banner).to_be_hidden()
    product.stop("web")
    expect(banner).to_be_visible()
    # Nobody is told of this: only a page that asks again shows it.
    product.rows_connection.execute(
        "UPDATE messaging_message SET state = 'undelivered', error_sentence = 'Out of reach.'"
        " WHERE body = 'Are you there?'"
    )
    product.start_web()
    expect(texts(page)).to_contain_text("Not delivered: Out of reach.", timeout=40_000)
    expect(banner).to_be_hidden()
