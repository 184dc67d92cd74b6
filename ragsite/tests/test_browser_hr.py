"""People, policies in force and records, walked through in a real browser as somebody would who has never seen it."""

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from ragsite.tests.browser_installation import MARKS, PASSWORD, Installation, Visit

pytestmark = MARKS

# Documents are read in the background, one after the other.
READ_SECONDS = 120
HEADINGS = "Employee number,E-mail,First name,Last name,Role,Manager,Country,Site,Employment type,Start date".split(",")
FIRST_NAMES = "Ada Bela Cora Dario Elva Finn Gila Hanno Ida Jaro Kira Levi Mona Nilo Olga Paco Runa Samo Tilda Una"
LAST_NAMES = "Abelow Brantley Corvin Dunmore Estrel Farrow Galt Hollin Istvan Jarrow"
GERMAN, FRENCH, NOWHERE = "Bela Abelow", "Cora Abelow", "Dario Abelow"
COUNTRIES = {GERMAN: "DE", FRENCH: "France", NOWHERE: ""}
QUESTION = "How much does the company pay towards a swimming pass?"
MEALS = "How much does the company add to a main meal in the canteen?"
THIS_YEAR = date.today().year

Welcome = Callable[..., Visit]


@dataclass(frozen=True)
class Import:
    """What HR saw of an import: the page with the wrong rows, the preview, and how many people there were when."""

    hr: Visit
    wrong: str
    preview: str
    people: tuple[int, int, int]


@pytest.fixture(scope="module")
def welcome(installation: Installation, chromium: Browser) -> Iterator[Welcome]:
    """Visits that stay signed in for all tests of the module, one for each person."""
    visits: dict[str, Visit] = {}

    def begin(person: str) -> Visit:
        if person not in visits:
            visits[person] = Visit(chromium, installation.host("acme"), viewport={"width": 1280, "height": 900})
            visits[person].sign_in(f"{person}@acme.example")
        return visits[person]

    yield begin
    for each in visits.values():
        each.context.close()
        assert each.complaints == []
        assert each.foreign == []


@pytest.fixture(scope="module")
def imported(welcome: Welcome, tmp_path_factory: pytest.TempPathFactory) -> Import:
    hr, folder = welcome("hr"), tmp_path_factory.mktemp("people")
    page, people = hr.page, []
    for wrong in (True, False):
        people.append(count_of_people(page))
        page.get_by_role("link", name="Import").click()
        page.get_by_label("List of people").set_input_files(write_sheet(folder / "people.xlsx", wrong=wrong))
        page.get_by_role("button", name="Check the file").click()
        if wrong:
            table = page.locator("section", has=page.get_by_role("heading", name="cannot be imported"))
            problems = table.inner_text()
            clear_refusals(hr, 422)
    preview = page.locator("section", has=page.get_by_role("heading", name="can be imported")).inner_text()
    give_reason(page, "New plant in Bremen", button="Import 200 rows")
    expect(page.get_by_text("Imported: 200 added, 0 changed.")).to_be_visible()
    people.append(count_of_people(page))
    return Import(hr=hr, wrong=problems, preview=preview, people=(people[0], people[1], people[2]))


@pytest.fixture(scope="module")
def newcomers(imported: Import, installation: Installation, chromium: Browser) -> Iterator[dict[str, Visit]]:
    """Three of the imported people, who followed their invitations."""
    page = imported.hr.page
    count_of_people(page)
    for name in COUNTRIES:
        page.get_by_role("row", name=surname_first(name)).get_by_role("checkbox").check()
    page.get_by_label("Select action to run").select_option("Invite")
    page.get_by_role("button", name="Run").click()
    give_reason(page, "First day on Monday", button="Invite")
    links = {name: page.get_by_label(name).input_value() for name in COUNTRIES}
    visits = {}
    for name, link in links.items():
        visits[name] = Visit(chromium, installation.host("acme"), viewport={"width": 1280, "height": 900})
        theirs = visits[name].page
        theirs.goto(link)
        expect(theirs.get_by_role("heading", level=1)).to_have_text(f"Welcome, {name.split()[0]}")
        for label in ("New password", "New password again"):
            theirs.get_by_label(label, exact=True).fill(PASSWORD)
        theirs.get_by_role("button", name="Set password and sign in").click()
        expect(theirs.get_by_role("heading", level=1)).to_contain_text("what would you like to know")
    yield visits
    for each in visits.values():
        each.context.close()
        assert each.complaints == []
        assert each.foreign == []


@pytest.fixture(scope="module")
def policy(welcome: Welcome, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A policy with a text for Germany, one for France, and next year's for Germany; its page in the console."""
    page, folder = welcome("hr").page, tmp_path_factory.mktemp("policy")
    open_from_menu(page, "Upload")
    page.get_by_label("Title").fill("Swimming pass")
    upload(page, write_policy(folder / "germany.md", "27 euros", "Germany"), country="Germany")
    page.get_by_role("listitem").get_by_role("link", name="germany.md").click()
    own_page = page.url
    for name, amount, country, first in (
        ("france.md", "33 euros", "France", None),
        ("germany-next-year.md", "39 euros", "Germany", date(THIS_YEAR + 1, 1, 1)),
    ):
        page.goto(own_page)
        page.get_by_role("link", name="Upload new version").click()
        upload(page, write_policy(folder / name, amount, country), country=country, first_day=first)
    page.goto(own_page)
    expect(page.locator("#ao-versions").get_by_text("Ready", exact=True)).to_have_count(3, timeout=READ_SECONDS * 1000)
    return own_page


def test_import_shows_wrong_rows_writes_nothing_and_then_all(imported: Import) -> None:
    before, between, after = imported.people

    assert "2 of 200 rows cannot be imported" in imported.wrong
    assert re.search(r"41\s+start_date\s+“03/01/2026” can be read in two ways", imported.wrong)
    assert re.search(r"78\s+country\s+“Atlantis” is neither a country's code", imported.wrong)
    assert between == before
    assert re.search(r"200\s+new\s+0\s+changed", imported.preview)
    assert after == before + 200


def test_versions_of_a_policy_stand_beside_each_other(policy: str, welcome: Welcome) -> None:
    page = welcome("hr").page
    page.goto(policy)

    rows = page.get_by_role("table").first.get_by_role("row")
    next_year = rows.filter(has_text="germany-next-year.md")
    # The page follows what is being read.
    expect(next_year).to_contain_text("Scheduled", timeout=READ_SECONDS * 1000)
    expect(next_year).to_contain_text(f"from {THIS_YEAR + 1}-01-01")
    this_year = rows.filter(has_text="germany.md")
    expect(this_year).to_contain_text(f"until {THIS_YEAR}-12-31", timeout=READ_SECONDS * 1000)
    for name, country in (("germany.md", "Germany"), ("france.md", "France"), ("germany-next-year.md", "Germany")):
        expect(rows.filter(has_text=name)).to_contain_text(country)


def test_each_gets_the_text_of_their_own_country(newcomers: dict[str, Visit], policy: str) -> None:
    for name, amount, country in ((GERMAN, "27 euros", "Germany"), (FRENCH, "33 euros", "France")):
        page = newcomers[name].page
        answer = ask_until(page, QUESTION, amount)
        expect(answer).to_contain_text(f"Applies to you: {country}")
        expect(answer.get_by_role("link", name="Source 1: Swimming pass").first).to_be_visible()
        answer.get_by_role("link", name="Source 1: Swimming pass").first.click()
        expect(page.locator("#cited")).to_contain_text(amount)


def test_whoever_has_no_country_is_asked_back_and_answers_with_a_click(
    newcomers: dict[str, Visit], policy: str
) -> None:
    page = newcomers[NOWHERE].page

    asked_back = ask_until(page, QUESTION, "One thing is missing")
    expect(asked_back).not_to_contain_text("euros")
    asked_back.get_by_role("button", name="France").click()

    answer = page.locator(".exchange .answer").last
    expect(answer).to_contain_text("33 euros")
    expect(answer).to_contain_text("France")


def test_another_day_gives_the_text_of_that_day(newcomers: dict[str, Visit], policy: str, welcome: Welcome) -> None:
    page = newcomers[GERMAN].page

    ask_until(page, MEALS, "EUR 3.10")
    answer = ask(page, MEALS, on=date(THIS_YEAR - 1, 6, 1))
    expect(answer).to_contain_text(f"As in force on 1 June {THIS_YEAR - 1}")
    expect(answer).to_contain_text("EUR 2.40")
    expect(answer).not_to_contain_text("EUR 3.10")

    planned = ask_until(welcome("hr").page, QUESTION, "39 euros", on=date(THIS_YEAR + 1, 2, 1))
    expect(planned).not_to_contain_text("27 euros")


def test_employee_is_told_that_the_future_is_for_hr(newcomers: dict[str, Visit], policy: str) -> None:
    visit = newcomers[GERMAN]
    visit.page.goto("/")

    refused = ask(visit.page, QUESTION, on=date(THIS_YEAR + 1, 2, 1))

    expect(refused).to_contain_text("What will be in force can be asked by HR only.")
    expect(visit.page.get_by_label("What was in force on")).to_have_value(f"{THIS_YEAR + 1}-02-01")
    visit.page.get_by_label("What was in force on").fill("")
    visit.page.get_by_role("button", name="Ask", exact=True).click()
    expect(visit.page.locator(".exchange .answer").last).to_contain_text("27 euros")
    clear_refusals(visit, 422)


def test_leave_asked_for_in_the_chat_is_approved_and_counts(welcome: Welcome) -> None:
    bob, mara = welcome("employee").page, welcome("manager").page
    before = {year: leave_of(bob, year) for year in (THIS_YEAR, THIS_YEAR + 1)}
    bob.goto("/")
    balance = ask(bob, "How many days of leave do I have left?")
    expect(balance).to_contain_text("From your record")
    expect(balance).to_contain_text(f"you can still take {before[THIS_YEAR]['Available']} day")

    first_day, proposal = propose_three_days(bob)
    assert leave_is(bob, first_day.year, before)
    bob.go_back()
    proposal.get_by_role("button", name="Yes, request this leave").click()
    expect(bob.locator(".exchange .answer").last).to_contain_text("State: waiting for a decision.")
    assert leave_is(bob, first_day.year, before, available=-3, waiting=3)
    mara.goto("/")
    mara.get_by_role("link", name="My leave").first.click()
    mara.get_by_role("link", name="Team leave").first.click()
    approve = mara.get_by_role("button", name="Approve the leave of Bob Keller")
    request = mara.get_by_role("listitem").filter(has=approve).filter(has_text=in_words(first_day))
    request.get_by_role("button", name="Approve").click()
    expect(request).to_have_count(0)

    assert leave_is(bob, first_day.year, before, available=-3, approved=3)


def test_document_turned_confidential_is_gone_at_once(
    welcome: Welcome, installation: Installation, tmp_path: Path
) -> None:
    hr, bob = welcome("hr"), welcome("employee")
    page = bob.page
    hr.page.goto("/admin/documents/document/upload/")
    hr.page.get_by_label("Title").fill("Ostrich allowance")
    file = tmp_path / "ostriches.md"
    file.write_text("# Ostrich allowance\n\nWhoever keeps an ostrich gets an ostrich allowance of 41 euros a month.\n")
    upload(hr.page, file)
    question = "How high is the ostrich allowance?"
    answer = ask_until(page, question, "41 euros")
    conversation, cited = page.url, answer.get_by_role("link", name="Source 1: Ostrich allowance").first
    cited_at = str(cited.get_attribute("href"))
    cited.click()
    original_at = str(page.get_by_role("link", name="Download original").get_attribute("href"))
    page.goto(conversation)
    signed_in = {"email": "employee@acme.example", "password": PASSWORD}
    token = json.loads(fetch(page, "/api/v1/auth/token", body=signed_in)[1])["access"]

    def found() -> tuple[int, str]:
        count = json.loads(fetch(page, "/api/v1/documents", token=token)[1])["count"]
        return count, fetch(page, "/api/v1/search", token=token, body={"question": question})[1]

    count, passages = found()
    assert "41 euros" in passages

    hr.page.get_by_role("listitem").get_by_role("link", name="ostriches.md").click()
    hr.page.get_by_label("Confidential").check()
    hr.page.get_by_role("button", name="Save", exact=True).click()
    expect(hr.page.get_by_text("was changed successfully")).to_be_visible()

    expect(ask(page, "And how high is the ostrich allowance now?")).not_to_contain_text("41 euros")
    page.reload()
    expect(page.locator(".thread")).not_to_contain_text("41 euros")
    fewer, passages = found()
    assert fewer == count - 1
    assert "41 euros" not in passages
    assert [fetch(page, path)[0] for path in (cited_at, original_at)] == [404, 404]
    clear_refusals(bob, 404)
    expect(ask_until(hr.page, question, "41 euros")).to_contain_text("Ostrich allowance")


def test_own_pay_is_shown_and_explained_and_nobody_elses(welcome: Welcome) -> None:
    page = welcome("employee").page
    page.goto("/")
    page.get_by_role("link", name="My pay").first.click()

    page.get_by_role("main").get_by_role("listitem").first.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Paystub")
    expect(page.get_by_role("row").filter(has_text="Income tax").first).to_contain_text(re.compile(r"\w{3} \w+ "))
    with page.expect_download() as download:
        page.get_by_role("link", name="Download PDF").click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    page.goto("/")
    denied = ask(page, "What does Mara Lindqvist earn?")
    expect(denied).to_contain_text("That is somebody else's record.")
    expect(denied).not_to_contain_text(re.compile("EUR|€"))


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_no_page_of_ones_record_scrolls_sideways(
    newcomers: dict[str, Visit], policy: str, welcome: Welcome, width: int
) -> None:
    bob, mara, nowhere = welcome("employee").page, welcome("manager").page, newcomers[NOWHERE].page
    bob.goto("/pay/")
    paystub = str(bob.get_by_role("main").get_by_role("listitem").first.get_by_role("link").first.get_attribute("href"))
    bob.goto("/")
    propose_three_days(bob)
    ask_until(nowhere, QUESTION, "One thing is missing")

    places = [(mara, "/leave/team/"), (nowhere, nowhere.url), (bob, bob.url)]
    places += [(bob, path) for path in ("/leave/", "/leave/request/", "/pay/", paystub)]
    for page, path in places:
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(path)
        scrolls = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        page.set_viewport_size({"width": 1280, "height": 900})
        assert not scrolls, path


# --- what a person does ----------------------------------------------------------------------------------------------


def write_sheet(path: Path, *, wrong: bool) -> Path:
    """200 people in ten teams; `wrong`: in line 41 a day that reads in two ways, in line 78 a country that is none."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(HEADINGS)
    for number, (last, first) in enumerate(product(LAST_NAMES.split(), FIRST_NAMES.split()), start=1):
        lead = (number - 1) // 20 * 20 + 1
        country = COUNTRIES.get(f"{first} {last}", ("DE", "FR", "GB")[number % 3])
        start: date | str = date(2020, 1, 1) + timedelta(days=number)
        if wrong and number + 1 == 41:
            start = "03/01/2026"
        if wrong and number + 1 == 78:
            country = "Atlantis"
        role, manager = ("manager", "A003") if number == lead else ("employee", f"W{lead:03}")
        email = f"{first}.{last}@acme.example".lower()
        page.append([f"W{number:03}", email, first, last, role, manager, country, "Bremen", "full time", start])
    book.save(path)
    return path


def write_policy(path: Path, amount: str, country: str) -> Path:
    path.write_text(
        f"# Swimming pass\n\nThis policy applies in {country}.\n\n## What the company pays\n\n"
        f"The company pays {amount} a month towards a swimming pass. The pass is ordered at the reception.\n"
    )
    return path


def clear_refusals(visit: Visit, status: int) -> None:
    """Forget the browser's own lines about answers of this status, which the test asked for."""
    visit.complaints[:] = [line for line in visit.complaints if f"a status of {status}" not in line]


def open_from_menu(page: Page, entry: str) -> None:
    """From the console's overview; the theme's icons are words to a reader, so an entry ends with its name."""
    page.goto("/admin/")
    page.get_by_role("link", name=re.compile(rf"(^|\s){entry}$")).click()


def count_of_people(page: Page) -> int:
    open_from_menu(page, "Employees")
    shown = page.get_by_text(re.compile(r"\d+\s+employees\s*$")).last.inner_text()
    return int(shown.split()[-2])


def surname_first(name: str) -> str:
    return ", ".join(reversed(name.split()))


def give_reason(page: Page, reason: str, *, button: str) -> None:
    page.get_by_label("Reason").fill(reason)
    page.get_by_role("button", name=button, exact=True).click()


def upload(page: Page, file: Path, *, country: str = "", first_day: date | None = None) -> None:
    """Choose the file on the upload page that is open, say to whom and from when it applies, and send it."""
    page.locator("input[type=file]").set_input_files(file)
    if country:
        page.get_by_text("From when, and to whom it applies").click()
        page.get_by_text("Applies in these countries").click()
        page.keyboard.type(country)
        page.keyboard.press("Enter")
    if first_day:
        page.get_by_label("First day in force").fill(first_day.isoformat())
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_role("listitem").filter(has_text=file.name)).to_contain_text("accepted")


def ask(page: Page, question: str, *, on: date | None = None) -> Locator:
    """Ask where one is, by typing and Enter; the newest answer."""
    answers = page.locator(".exchange .answer")
    count = answers.count()
    box = page.get_by_role("textbox", name=re.compile("^Ask "))
    if on is not None:
        page.get_by_text(re.compile("^Another day")).click()
        page.get_by_label("What was in force on").fill(on.isoformat())
    box.fill(question)
    box.press("Enter")
    expect(answers).to_have_count(count + 1, timeout=30_000)
    return answers.last


def ask_until(page: Page, question: str, said: str, *, on: date | None = None) -> Locator:
    """Ask in new conversations until the answer says `said`."""
    end = time.monotonic() + READ_SECONDS
    while True:
        page.goto("/")
        answer = ask(page, question, on=on)
        if said in answer.inner_text() or time.monotonic() > end:
            expect(answer).to_contain_text(said)
            return answer
        time.sleep(1)


def fetch(page: Page, path: str, *, token: str = "", body: dict[str, str] | None = None) -> tuple[int, str]:
    """Status and text of a request from within the page: browsers know *.localhost, other clients may not."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    options = {"headers": headers} | ({"method": "POST", "body": json.dumps(body)} if body else {})
    script = "async ([path, options]) => { const r = await fetch(path, options); return [r.status, await r.text()]; }"
    status, text = page.evaluate(script, [path, options])
    return int(status), str(text)


def propose_three_days(page: Page) -> tuple[date, Locator]:
    """Ask for the first Tuesday to Thursday from next week on that is free and has no holiday."""
    today = date.today()
    first_day = today + timedelta(days=7 + (1 - today.weekday()) % 7)
    while True:
        last_day = first_day + timedelta(days=2)
        answer = ask(page, f"I would like to take leave from {in_words(first_day)} to {in_words(last_day)}.")
        if "3 working days" in answer.inner_text() or first_day > today + timedelta(weeks=12):
            expect(answer).to_contain_text("Not done yet")
            return first_day, answer
        first_day += timedelta(weeks=1)


def in_words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def leave_of(page: Page, year: int) -> dict[str, str]:
    """The figures of the leave page of a year, by their labels."""
    page.goto("/leave/")
    if year != THIS_YEAR:
        page.get_by_role("link", name=str(year), exact=True).click()
    figures = page.get_by_role("main").locator("dl > div").all_inner_texts()
    pairs = (re.fullmatch(r"(.+?)(?: on .*)?\s*\n\s*(-?[\d.½]+).*", text, re.DOTALL) for text in figures)
    return {pair.group(1): pair.group(2) for pair in pairs if pair}


def leave_is(
    page: Page,
    year: int,
    before: dict[int, dict[str, str]],
    *,
    available: int = 0,
    waiting: int = 0,
    approved: int = 0,
) -> bool:
    """Whether the page shows what it showed before, changed by so many days."""
    changes = {"Available": available, "Waiting": waiting, "Approved, to come": approved}
    now = leave_of(page, year)
    wanted = {name: float(before[year][name]) + change for name, change in changes.items()}
    return {name: float(now[name]) for name in changes} == wanted
