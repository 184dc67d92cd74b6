"""The acceptance walk with a real browser against a real installation: `manage.py up` with its demo companies."""

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from ragsite.tests.browser_installation import MARKS, Installation, Visit

QUESTION = "How many days of parental leave do I get?"

pytestmark = MARKS


def test_question_streams_an_answer_whose_citation_opens_the_marked_passage(visit):
    acme = visit()
    streams: list[str] = []
    acme.page.on(
        "response", lambda reply: "/ask/stream/" in reply.url and streams.append(reply.headers["content-type"])
    )

    answer = acme.ask_until_answered(QUESTION)

    assert "80" in answer
    assert set(streams) == {"text/event-stream"}
    expect(acme.page).to_have_url(re.compile(r"/c/[0-9a-f-]{36}/$"))
    expect(acme.page.locator(".recent [aria-current]")).to_have_text(QUESTION)
    acme.page.locator(".cite").first.click()
    mark = acme.page.locator("#cited")
    expect(mark).to_be_in_viewport()
    expect(acme.page.locator("h1")).to_contain_text("Parental Leave")
    assert mark.inner_text().strip()
    acme.page.get_by_role("link", name="Back to the answer").click()
    expect(acme.page.locator(".question")).to_have_text(re.compile(re.escape(QUESTION)))


def test_other_company_answers_differently_from_its_own_documents_only(visit):
    acme, globex = visit("acme"), visit("globex")

    one, other = acme.ask_until_answered(QUESTION), globex.ask_until_answered(QUESTION)

    assert one != other
    assert "Globex" not in one and "Acme" not in other
    for cited in globex.page.locator(".cite").all():
        foreign = acme.page.goto(str(cited.get_attribute("href")))
        assert foreign is not None and foreign.status == 404
    acme.complaints.clear()  # the browser's own lines about the 404s


def test_everything_works_without_javascript(visit):
    plain = visit(java_script_enabled=False)
    page = plain.page

    end = time.monotonic() + 120
    while True:
        page.goto("/")
        page.locator("#question").fill(QUESTION)
        page.get_by_role("button", name="Ask", exact=True).click()
        expect(page).to_have_url(re.compile(r"/c/[0-9a-f-]{36}/#a-"))
        if page.locator(".cite").count() or time.monotonic() > end:
            break
    page.locator("#question").fill("And what does the canteen on the moon serve?")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".exchange")).to_have_count(2)
    page.get_by_role("button", name="Helpful", exact=True).first.click()
    expect(page.get_by_role("button", name="Helpful", exact=True).first).to_have_attribute("aria-pressed", "true")
    page.get_by_text("Add a comment").first.click()
    page.get_by_label("What was good?").fill("Short and clear")
    page.get_by_role("button", name="Send comment").click()
    page.get_by_role("link", name="Rename this conversation").click()
    page.get_by_label("Title").fill("Leave and the moon")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("h1")).to_have_text("Leave and the moon")
    page.get_by_role("link", name="Delete this conversation").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status")).to_have_text("The conversation is deleted.")


def test_keyboard_alone_is_enough(visit):
    page = visit().page

    page.evaluate("document.activeElement.blur()")
    page.goto("/conversations/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.goto("/")
    expect(page.locator("#question")).to_be_focused()
    page.keyboard.type("first line")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("second line")
    expect(page.locator("#question")).to_have_value("first line\nsecond line")
    page.keyboard.press("Enter")
    expect(page.locator(".exchange .answer")).to_have_count(1)
    expect(page.locator("#question")).to_be_focused()


def test_thumb_and_comment_change_in_place(visit):
    acme = visit()
    page = acme.page
    acme.ask_until_answered(QUESTION)

    page.get_by_role("button", name="Not helpful").click()
    expect(page.get_by_role("button", name="Not helpful")).to_have_attribute("aria-pressed", "true")
    comment = page.get_by_label("What is wrong or missing?")
    expect(comment).to_be_focused()
    comment.fill("Which year?")
    page.get_by_role("button", name="Send comment").click()
    expect(page.get_by_text("Your comment")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Not helpful")).to_have_attribute("aria-pressed", "true")


def test_running_question_can_be_stopped_and_asked_again(visit):
    page = visit().page
    page.route("**/ask/stream/", lambda route: None)  # never answers

    page.locator("#question").fill("Slow?")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Stop").click()

    expect(page.locator(".answer-failed")).to_contain_text("Stopped before the answer was complete.")
    page.unroute_all(behavior="ignoreErrors")
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator(".exchange .answer:not(.answer-failed)")).to_have_count(1)


def test_empty_and_too_long_questions_are_told_at_the_box(visit):
    page = visit().page

    page.locator("#question").press("Enter")
    expect(page.get_by_role("alert")).to_have_text("Please type a question.")
    page.locator("#question").fill("x" * 2001)
    page.locator("#question").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("2,001 characters; 2,000 are possible")
    expect(page.locator("#question")).to_have_value("x" * 2001)


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_no_page_scrolls_sideways(visit, width):
    acme = visit(viewport={"width": width, "height": 800})
    acme.ask_until_answered(QUESTION)
    passage = acme.page.locator(".cite").first.get_attribute("href")

    for path in (acme.page.url, passage, "/conversations/", "/", "/account/password/"):
        acme.page.goto(path)
        scrolls = acme.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not scrolls, path


def test_every_control_has_a_name_and_every_page_its_landmarks(visit):
    acme = visit()
    acme.ask_until_answered(QUESTION)

    for path in (acme.page.url, acme.page.locator(".cite").first.get_attribute("href"), "/conversations/", "/"):
        acme.page.goto(path)
        nameless = acme.page.evaluate(
            """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), textarea, summary')]
                .filter(e => e.checkVisibility() && !(e.getAttribute('aria-label') || e.innerText.trim()
                    || e.labels?.length))
                .map(e => e.outerHTML)"""
        )
        assert nameless == []
        assert acme.page.locator("main").count() == 1
        assert acme.page.locator("h1").count() == 1
        twice = acme.page.evaluate(
            "() => { const ids = [...document.querySelectorAll('[id]')].map(e => e.id);"
            " return ids.filter((id, i) => ids.indexOf(id) !== i); }"
        )
        assert twice == []


def test_chosen_files_wait_for_their_readers_and_the_button(
    installation: Installation, chromium: Browser, tmp_path: Path
) -> None:
    visit = Visit(chromium, installation.host("acme"))
    visit.sign_in("hr@acme.example")
    page = visit.page
    page.goto("/admin/documents/document/upload/")
    sent: list[str] = []
    page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    for name in ("bonus.txt", "mistake.txt"):
        (tmp_path / name).write_text(f"The {name} rule: 3 percent in March.")

    page.locator("#ao-files").set_input_files([tmp_path / "bonus.txt", tmp_path / "mistake.txt"])
    page.get_by_role("button", name="Remove mistake.txt").click()
    expect(page.locator(".ao-outcome")).to_have_count(1)
    expect(page.get_by_text("1 file chosen.")).to_be_visible()
    assert sent == []
    page.get_by_role("radio", name="Confidential").check()
    page.get_by_label("Title").fill("Bonus rule")
    page.get_by_role("button", name="Upload").click()

    expect(page.locator(".ao-outcome .ao-badge")).to_have_text("accepted")
    assert len(sent) == 1
    page.locator(".ao-outcome a").click()
    expect(page.get_by_label("Confidential")).to_be_checked()
    expect(page.get_by_label("Title")).to_have_value("Bonus rule")
    assert visit.complaints == []
    visit.context.close()
