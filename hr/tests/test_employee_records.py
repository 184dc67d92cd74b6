"""A person's record: what it may say, who stands above whom, and that a change is one audited step."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from audit.models import AuditLog
from hr import records, services, tasks
from hr.models import Employee
from hr.tests.test_admin import browser_of, record_of, url
from tenants import context, days


@pytest.fixture
def dora(in_acme):
    return services.create_employee(email="dora@acme.example", first_name="Dora", last_name="Example", role="manager")


def test_change_is_one_audit_row_without_values(in_acme, bob):
    changed = services.update_record(employee=bob, country="DE", grade="G4", first_name=bob.first_name, reason="moved")

    row = AuditLog.objects.get(verb="employee.update")
    assert sorted(changed) == ["country", "grade"]
    assert (row.target, row.reason, row.details) == (bob.actor_label, "moved", {"changed": ["country", "grade"]})
    assert (bob.country, bob.grade) == ("DE", "G4")


def test_nothing_changed_is_nothing_recorded(in_acme, bob):
    assert services.update_record(employee=bob, first_name="Bob") == ()
    assert not AuditLog.objects.filter(verb="employee.update").exists()


def test_login_follows_the_address(in_acme, bob):
    services.update_record(employee=bob, email=" Robert@ACME.example ", last_name="Newname")

    bob.user.refresh_from_db()
    assert (bob.email, bob.user.username, bob.user.email) == ("robert@acme.example",) * 3
    assert bob.user.last_name == "Newname"


def test_taken_addresses_and_numbers_are_named(in_acme, bob, alice):
    with pytest.raises(services.EmailTaken):
        services.update_record(employee=bob, email="ALICE@acme.example")
    with pytest.raises(services.NumberTaken):
        services.update_record(employee=bob, employee_number=alice.employee_number)
    with pytest.raises(services.NumberTaken):
        services.create_employee(
            email="n@acme.example", first_name="N", last_name="N", role="employee", employee_number=bob.employee_number
        )


@pytest.fixture
def owner(acme):
    with context.enter(acme):
        return Employee.objects.get(email="owner@acme.example")


@pytest.mark.parametrize("values", [{"end_date": date(2026, 1, 1)}, {"email": "mine@acme.example"}])
def test_hr_changes_nothing_that_lets_an_owner_in_or_out(in_acme, alice, owner, values):
    with pytest.raises(services.OnlyOwners, match="Only an owner may change the"):
        services.update_record(employee=owner, by=alice, **values)

    owner.refresh_from_db()
    assert (owner.end_date, owner.email) == (None, "owner@acme.example")
    assert services.update_record(employee=owner, by=alice, grade="G9", end_date=None) == ("grade",)
    assert services.update_record(employee=owner, by=owner, **values)


def test_owner_whose_form_hr_fills_in_stays(acme, alice, owner):
    browser = browser_of(acme, alice)
    sent = record_of(owner, end_date="2026-01-01", email="mine@acme.example", grade="G9")

    assert browser.post(url("change", owner.pk), sent).status_code == 302

    with context.enter(acme):
        owner.refresh_from_db()
    assert (owner.end_date, owner.email, owner.grade) == (None, "owner@acme.example", "G9")


def test_first_day_after_an_owners_last_one_is_told_at_the_field(acme, alice, owner):
    with context.enter(acme):
        services.update_record(employee=owner, by=owner, end_date=date(2030, 1, 1))

    page = browser_of(acme, alice).post(url("change", owner.pk), record_of(owner, start_date="2031-01-01"))

    assert page.status_code == 200
    assert "The last day is before the first." in page.content.decode()


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2201-01-01", "9999-12-31"])
@pytest.mark.parametrize("name", ["start_date", "end_date"])
def test_day_that_cannot_be_meant_is_refused_in_form_and_service(acme, alice, bob, name, day):
    page = browser_of(acme, alice).post(url("change", bob.pk), record_of(bob, **{name: day}))

    assert page.status_code == 200
    assert "is not a day from 1900-01-01 to 2200-12-31" in page.content.decode()
    with context.enter(acme), pytest.raises(days.DayOutOfRange):
        services.update_record(employee=bob, **{name: date.fromisoformat(day)})


def test_last_day_before_the_first_is_named_by_the_service(in_acme, bob):
    services.update_record(employee=bob, start_date=date(2026, 1, 1))

    with pytest.raises(services.EndsBeforeStart):
        services.update_record(employee=bob, end_date=date(2025, 1, 1))


def test_number_that_differs_in_case_only_is_taken(acme, alice, bob):
    with context.enter(acme):
        services.update_record(employee=bob, employee_number="N1")

    page = browser_of(acme, alice).post(url("change", alice.pk), record_of(alice, employee_number="n1"))

    assert "already has this number" in page.content.decode()
    with context.enter(acme):
        with pytest.raises(services.NumberTaken):
            services.update_record(employee=alice, employee_number="n1")
        assert services.update_record(employee=bob, employee_number="n1") == ("employee_number",)


def test_circle_of_managers_is_refused_and_says_why(in_acme, alice, bob, dora):
    services.update_record(employee=bob, manager=dora)
    services.update_record(employee=dora, manager=alice)

    with pytest.raises(services.ManagerCycle, match="Bob Example already reports to this person"):
        services.update_record(employee=alice, manager=bob)
    with pytest.raises(services.ManagerCycle, match="their own manager"):
        services.update_record(employee=bob, manager=bob)

    alice.refresh_from_db()
    assert alice.manager is None


def test_everybody_below_is_found_through_others(in_acme, alice, bob, dora):
    services.update_record(employee=bob, manager=dora)
    services.update_record(employee=dora, manager=alice)

    assert set(Employee.objects.below(alice.pk)) == {dora, bob}
    assert set(Employee.objects.below(bob.pk)) == set()


def test_below_ends_in_a_circle_that_came_from_elsewhere(in_acme, bob, dora):
    Employee.objects.filter(pk=bob.pk).update(manager=dora)
    Employee.objects.filter(pk=dora.pk).update(manager=bob)

    assert set(Employee.objects.below(bob.pk)) == {bob, dora}


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"country": "de"}, "employee_country_is_a_code"),
        ({"employment_type": "slave"}, "employee_employment_type_known"),
        ({"working_days_per_week": Decimal("7.5")}, "employee_works_some_days_a_week"),
        ({"start_date": date(2026, 2, 1), "end_date": date(2026, 1, 31)}, "employee_ends_after_the_start"),
    ],
)
def test_database_keeps_records_possible(in_acme, bob, values, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Employee.objects.filter(pk=bob.pk).update(**values)


def test_nobody_is_their_own_manager_in_the_database(in_acme, bob):
    with pytest.raises(IntegrityError, match="employee_is_not_their_own_manager"), transaction.atomic():
        Employee.objects.filter(pk=bob.pk).update(manager=bob.pk)


@pytest.mark.parametrize(
    ("text", "code"),
    [("de", "DE"), ("Germany", "DE"), (" united  kingdom ", "GB"), ("UK", "GB"), ("France", "FR"), ("", "")],
)
def test_countries_are_read_by_code_and_english_name(text, code):
    assert records.country_code(text) == code


@pytest.mark.parametrize("text", ["Deutschland-West", "XX", "D", "1"])
def test_unknown_country_is_an_error(text):
    with pytest.raises(records.UnknownCountry):
        records.country_code(text)


@pytest.mark.parametrize(("text", "code"), [("DE", "de"), ("German", "de"), ("french", "fr"), (" ", "")])
def test_languages_are_read_by_code_and_english_name(text, code):
    assert records.language_code(text) == code


def test_unknown_language_is_an_error():
    with pytest.raises(records.UnknownLanguage):
        records.language_code("Klingon")


@pytest.mark.parametrize(("text", "days"), [("5", "5.0"), ("2,5", "2.5"), (" 4.0 ", "4.0"), ("0.5", "0.5")])
def test_working_days_are_read_with_point_or_comma(text, days):
    assert records.working_days(text) == Decimal(days)


@pytest.mark.parametrize("text", ["", "0", "7.5", "-1", "2.55", "NaN", "Infinity", "1e9", "full"])
def test_impossible_working_days_are_an_error(text):
    with pytest.raises(records.BadWorkingDays):
        records.working_days(text)


def test_hr_fills_in_the_record_on_the_page(acme, alice, bob, dora):
    sent = record_of(
        bob,
        department="Production",
        manager=dora.pk,
        country="DE",
        site="Bremen",
        employment_type="part_time",
        grade="G3",
        working_days_per_week="2.5",
        start_date="2020-03-01",
        language="de",
    )

    response = browser_of(acme, alice).post(url("change", bob.pk), sent)

    assert response.status_code == 302
    with context.enter(acme):
        bob = Employee.objects.select_related("manager").get(pk=bob.pk)
    assert (bob.country, bob.site, bob.manager, bob.working_days_per_week) == ("DE", "Bremen", dora, Decimal("2.5"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"country": "Germany"}, "Select a valid choice"),
        ({"start_date": "2026-02-01", "end_date": "2026-01-31"}, "The last day is before the first"),
        ({"working_days_per_week": "9"}, "not a number of days a week"),
    ],
)
def test_impossible_record_is_a_message_at_the_field(acme, alice, bob, changes, message):
    page = browser_of(acme, alice).post(url("change", bob.pk), record_of(bob, **changes))

    assert page.status_code == 200
    assert message in page.content.decode()


def test_circle_is_a_message_at_the_manager(acme, alice, bob, dora):
    with context.enter(acme):
        services.update_record(employee=dora, manager=bob)

    page = browser_of(acme, alice).post(url("change", bob.pk), record_of(bob, manager=dora.pk))

    assert page.status_code == 200
    assert "already reports to this person" in page.content.decode()


def test_managers_of_another_company_are_not_on_offer(acme, globex, alice, bob, charlie):
    browser = browser_of(acme, alice)
    offered = browser.get(
        "/admin/autocomplete/",
        {"app_label": "hr", "model_name": "employee", "field_name": "manager", "term": "Example"},
    ).json()["results"]
    foreign = charlie.pk + 1_000_000
    with context.enter(globex):
        Employee.objects.filter(pk=charlie.pk).update(id=foreign)

    assert {one["text"] for one in offered} >= {"Bob Example", "Alice Example"}
    assert "Charlie Example" not in {one["text"] for one in offered}
    assert browser.post(url("change", bob.pk), record_of(bob, manager=foreign)).status_code == 200


def test_hr_corrects_anybodys_address_but_an_owners(acme, alice, bob):
    browser = browser_of(acme, alice)
    with context.enter(acme):
        owner = Employee.objects.get(email="owner@acme.example")

    browser.post(url("change", bob.pk), record_of(bob, email="robert@acme.example"))
    browser.post(url("change", owner.pk), record_of(owner, email="mine@acme.example", grade="X"))

    with context.enter(acme):
        owner.refresh_from_db()
        bob.refresh_from_db()
    assert (bob.email, owner.email, owner.grade) == ("robert@acme.example", "owner@acme.example", "X")


def test_leavers_are_shut_out_the_day_after_their_last(in_acme, alice, bob):
    services.update_record(employee=bob, end_date=date(2026, 6, 30))
    services.update_record(employee=alice, end_date=date(2026, 7, 1))

    assert services.deactivate_leavers(today=date(2026, 6, 30)) == 0
    assert services.deactivate_leavers(today=date(2026, 7, 1)) == 1
    assert services.deactivate_leavers(today=date(2026, 7, 1)) == 0

    bob.refresh_from_db()
    alice.refresh_from_db()
    assert (bob.is_active, alice.is_active) == (False, True)
    assert AuditLog.objects.get(verb="employee.deactivate").reason == "the last day has passed"


def test_who_has_left_comes_back_with_another_last_day_only(in_acme, bob):
    services.update_record(employee=bob, end_date=date(2020, 1, 1))
    services.deactivate(employee=bob)

    with pytest.raises(services.LastDayPassed):
        services.reactivate(employee=bob)
    services.update_record(employee=bob, end_date=None)
    services.reactivate(employee=bob)

    assert bob.is_active


def test_only_owner_stays_after_their_last_day(in_acme):
    Employee.objects.filter(email="owner@acme.example").update(end_date=date(2020, 1, 1))

    assert services.deactivate_leavers(today=date(2026, 1, 1)) == 0
    assert Employee.objects.get(email="owner@acme.example").is_active


def test_leavers_of_all_companies_are_found_by_the_task(acme, globex, bob, charlie):
    for tenant, person in ((acme, bob), (globex, charlie)):
        with context.enter(tenant):
            services.update_record(employee=person, end_date=date(2020, 1, 1))

    tasks.deactivate_leavers_everywhere.run()

    for tenant, person in ((acme, bob), (globex, charlie)):
        with context.enter(tenant):
            assert not Employee.objects.get(pk=person.pk).is_active
