"""Lists of people: all rows are checked first, then all are written or none."""

import csv
import io
import time
import zipfile
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from django.contrib.auth.models import User

from audit.models import AuditLog
from hr import imports, services
from hr.imports import managers, sheets
from hr.models import Employee
from tenants import context

HEADING = "employee_number,email,first_name,last_name"


def table(*lines: str, heading: str = HEADING) -> bytes:
    return "\n".join([heading, *lines]).encode()


def workbook(*rows) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def told(report) -> list[tuple[int, str]]:
    return [(problem.line, problem.column) for problem in report.problems]


def person(number: str) -> Employee:
    return Employee.objects.select_related("user", "manager").get(employee_number=number)


@pytest.fixture
def bo(in_acme):
    return services.create_employee(
        email="bo@acme.example", first_name="Bo", last_name="Old", role="employee", employee_number="B1", site="Bremen"
    )


# --- what is written ------------------------------------------------------------------------------------------------
def test_new_person_has_a_record_and_a_login_without_a_password(in_acme, alice):
    content = table(
        "N1,Nora@Acme.example,Nora,New,manager,Sales,,Germany,Kiel,Part-Time,G2,2.5,01.03.2024,,German",
        heading=HEADING + ",role,department,manager_number,country,site,employment_type,grade,"
        "working_days_per_week,start_date,end_date,language",
    )

    report = services.import_people(content=content, by=alice, reason="first list")

    nora = person("N1")
    assert (report.created, report.updated, report.written) == (1, 0, True)
    assert (nora.email, nora.role, nora.country, nora.employment_type) == (
        "nora@acme.example", "manager", "DE", "part_time",
    )  # fmt: skip
    assert (nora.working_days_per_week, nora.start_date, nora.language) == (Decimal("2.5"), date(2024, 3, 1), "de")
    assert nora.user.username == "nora@acme.example"
    assert not nora.user.has_usable_password()
    assert [group.name for group in nora.user.groups.all()] == ["manager"]


def test_hr_person_of_a_file_can_open_the_admin_and_others_cannot(in_acme, alice):
    services.import_people(
        content=table("H1,h@acme.example,H,R,hr", "M1,m@acme.example,M,M,", heading=HEADING + ",role"), by=alice
    )

    assert person("H1").user.is_staff
    assert person("H1").user.has_perm("hr.change_employee")
    assert not person("M1").user.is_staff
    assert person("M1").role == "employee"


def test_one_audit_row_for_each_changed_person_and_one_for_the_import(in_acme, alice, bo):
    content = table("B1,bo@acme.example,Bo,Newname", "N1,n@acme.example,N,New")

    report = services.import_people(content=content, by=alice, reason="monthly")

    overall = AuditLog.objects.get(verb="employees.import")
    assert (overall.reason, overall.digest) == ("monthly", report.sha256)
    assert overall.details == {"rows": 2, "created": 1, "updated": 1, "deactivated": 0, "bad_rows": 0}
    update = AuditLog.objects.get(verb="employee.update")
    assert (update.target, update.details["changed"]) == (bo.actor_label, ["last_name"])
    assert update.details["import"] == overall.target.removeprefix("import:")
    assert AuditLog.objects.filter(verb="employee.create", target=person("N1").actor_label).count() == 1
    assert "Newname" not in str(list(AuditLog.objects.values_list("details", "reason")))


def test_second_import_of_the_same_file_changes_nothing(in_acme, alice):
    content = table("N1,n@acme.example,N,New", "N2,o@acme.example,O,New")
    services.import_people(content=content, by=alice)
    before = AuditLog.objects.filter(verb__startswith="employee.").count()

    again = services.import_people(content=content, by=alice)

    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    assert AuditLog.objects.filter(verb__startswith="employee.").count() == before


def test_people_who_are_not_in_the_file_and_columns_that_are_not_stay(in_acme, alice, bob, bo):
    services.import_people(content=table("B1,Sales", heading="employee_number,department"), by=alice)

    assert (person("B1").department, person("B1").site, person("B1").is_active) == ("Sales", "Bremen", True)
    assert Employee.objects.get(pk=bob.pk).is_active


def test_empty_cell_clears_what_may_be_empty_and_keeps_the_rest(in_acme, alice, bo):
    services.import_people(
        content=table("B1,,,,", heading="employee_number,site,role,working_days_per_week,active"), by=alice
    )

    assert (person("B1").site, person("B1").role, person("B1").working_days_per_week) == ("", "employee", 5)


def test_login_follows_name_and_address(in_acme, alice, bo):
    services.import_people(content=table("B1,bodil@acme.example,Bodil,Old"), by=alice)

    login = User.objects.get(employee=bo)
    assert (login.username, login.email, login.first_name) == ("bodil@acme.example", "bodil@acme.example", "Bodil")


def test_two_people_swap_their_addresses(in_acme, alice, bo):
    services.create_employee(
        email="cy@acme.example", first_name="Cy", last_name="C", role="employee", employee_number="C1"
    )

    report = services.import_people(content=table("B1,cy@acme.example,Bo,Old", "C1,bo@acme.example,Cy,C"), by=alice)

    assert report.written
    assert (person("B1").email, person("C1").email) == ("cy@acme.example", "bo@acme.example")
    assert (person("B1").user.username, person("C1").user.username) == ("cy@acme.example", "bo@acme.example")


# --- leavers and roles ----------------------------------------------------------------------------------------------
def test_leaver_is_deactivated_by_the_active_column_and_never_deleted(in_acme, alice, bo):
    report = services.import_people(content=table("B1,no", heading="employee_number,active"), by=alice)

    assert report.deactivated == 1
    assert not person("B1").is_active
    assert person("B1").token_version == bo.token_version + 1


def test_leaver_is_deactivated_when_the_last_day_has_passed(in_acme, alice, bo):
    services.import_people(content=table("B1,2020-01-31", heading="employee_number,end_date"), by=alice)

    assert not person("B1").is_active


def test_last_day_to_come_lets_the_person_in(in_acme, alice, bo):
    services.import_people(content=table("B1,2099-01-31", heading="employee_number,end_date"), by=alice)

    assert person("B1").is_active


def test_nobody_comes_back_without_being_called(in_acme, alice, bo):
    services.deactivate(employee=bo)

    services.import_people(content=table("B1,bo@acme.example,Bo,Old"), by=alice)
    assert not person("B1").is_active

    report = services.import_people(content=table("B1,yes", heading="employee_number,active"), by=alice)
    assert person("B1").is_active
    assert report.reactivated == 1


def test_active_person_whose_last_day_has_passed_is_a_contradiction(in_acme, alice, bo):
    report = services.import_people(
        content=table("B1,yes,2020-01-31", heading="employee_number,active,end_date"), by=alice
    )

    assert told(report) == [(2, "active")]


def test_role_change_ends_tokens_and_changes_the_group(in_acme, alice, bo):
    services.import_people(content=table("B1,HR", heading="employee_number,role"), by=alice)

    assert person("B1").token_version == bo.token_version + 1
    assert [group.name for group in person("B1").user.groups.all()] == ["hr"]
    row = AuditLog.objects.get(verb="employee.update")
    assert (row.details["from"], row.details["to"]) == ("employee", "hr")


def test_hr_makes_no_owner_and_changes_none(in_acme, alice, bo):
    owner = Employee.objects.get(email="owner@acme.example")
    content = table(
        "B1,bo@acme.example,Bo,Old,owner",
        f"{owner.employee_number},new@acme.example,A,B,employee",
        heading=HEADING + ",role",
    )

    report = services.import_people(content=content, by=alice)

    assert set(told(report)) >= {(2, "role"), (3, "role"), (3, "email")}
    assert not report.written


@pytest.mark.parametrize("values", ["2026-01-01,", "2099-12-31,", ",no"])
def test_hr_shuts_no_owner_out_by_a_list(in_acme, alice, values):
    """The last day, too: the task for leavers would deactivate the owner the day after."""
    founder = Employee.objects.get(email="owner@acme.example")
    services.create_employee(email="second@acme.example", first_name="S", last_name="O", role="ceo")
    content = table(f"{founder.employee_number},{values}", heading="employee_number,end_date,active")

    report = services.import_people(content=content, by=alice)

    assert not report.written
    assert {problem.reason for problem in report.problems} == {"Only an owner may change this of an owner."}
    services.deactivate_leavers(today=date(2100, 1, 1))
    founder.refresh_from_db()
    assert (founder.end_date, founder.is_active) == (None, True)
    assert services.import_people(content=content, by=Employee.objects.get(email="second@acme.example")).written


@pytest.mark.parametrize("numbers", [("N1", "n1"), ("n1", "N1"), ("Ä1", "ä1")])
def test_numbers_that_differ_in_case_only_are_not_two_people(in_acme, alice, numbers):
    lines = [f"{number},{place}@acme.example,A,B" for place, number in enumerate(numbers)]

    report = services.import_people(content=table(*lines), by=alice)

    assert told(report) == [(3, "employee_number")]
    assert "also in line 2, but for capitals" in report.problems[0].reason


def test_people_whose_numbers_differ_in_case_only_from_before_stay_two(in_acme, alice, bo):
    Employee.objects.create(employee_number="b1", email="other@acme.example", first_name="Other", last_name="One")

    report = services.import_people(
        content=table("B1,Sales", "b1,Stock", heading="employee_number,department"), by=alice
    )

    assert (report.problems, report.updated) == ((), 2)


def test_an_owner_makes_another_and_the_last_one_stays(in_acme, bo):
    owner = Employee.objects.get(email="owner@acme.example")
    number = owner.employee_number

    alone = services.import_people(content=table(f"{number},employee", heading="employee_number,role"), by=owner)
    gone = services.import_people(content=table(f"{number},no", heading="employee_number,active"), by=owner)
    handed_over = services.import_people(
        content=table(f"{number},employee", "B1,ceo", heading="employee_number,role"), by=owner
    )

    assert told(alone) == [(2, "role")]
    assert told(gone) == [(2, "active")]
    assert handed_over.written
    assert (person("B1").role, person(number).role) == ("ceo", "employee")


# --- managers -------------------------------------------------------------------------------------------------------
def test_manager_may_stand_further_down(in_acme, alice):
    content = table(
        "N1,a@acme.example,A,A,N3", "N2,b@acme.example,B,B,N1", "N3,c@acme.example,C,C,",
        heading=HEADING + ",manager_number",
    )  # fmt: skip

    services.import_people(content=content, by=alice)

    assert person("N1").manager == person("N3")
    assert set(Employee.objects.below(person("N3").pk)) == {person("N1"), person("N2")}


def test_circles_are_found_across_file_and_database(in_acme, alice, bo):
    services.import_people(content=table("N1,a@acme.example,A,A,B1", heading=HEADING + ",manager_number"), by=alice)

    report = services.import_people(content=table("B1,N1", heading="employee_number,manager_number"), by=alice)

    assert told(report) == [(2, "manager_number")]
    assert "B1 → N1 → B1" in report.problems[0].reason
    assert person("B1").manager is None


def test_circle_within_the_file_is_told_at_each_of_its_rows(in_acme, alice):
    content = table(
        "N1,a@acme.example,A,A,N2", "N2,b@acme.example,B,B,N3", "N3,c@acme.example,C,C,N1", "N4,d@acme.example,D,D,N1",
        heading=HEADING + ",manager_number",
    )  # fmt: skip

    report = services.import_people(content=content, by=alice)

    assert told(report) == [(2, "manager_number"), (3, "manager_number"), (4, "manager_number")]


def test_unknown_manager_and_oneself_are_refused(in_acme, alice):
    content = table("N1,a@acme.example,A,A,X9", "N2,b@acme.example,B,B,N2", heading=HEADING + ",manager_number")

    report = services.import_people(content=content, by=alice)

    assert told(report) == [(2, "manager_number"), (3, "manager_number")]
    assert "Nobody has the number X9" in report.problems[0].reason


def test_circles_by_arithmetic():
    assert managers.circles({"a": "b", "b": "c", "d": "a"}) == {}
    assert managers.circles({"a": "b", "b": "a", "c": "a"}) == {"a": ("a", "b", "a"), "b": ("b", "a", "b")}
    assert managers.circles({"a": "a"}) == {"a": ("a", "a")}


# --- bad rows -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ("email", "not an address", "no e-mail address"),
        ("email", "", "Missing"),
        ("first_name", "", "Missing"),
        ("first_name", "=cmd|' /C calc'!A0", "Begins like a formula"),
        ("first_name", "+1", "Begins like a formula"),
        ("first_name", "-1", "Begins like a formula"),
        ("first_name", "@SUM(A1)", "Begins like a formula"),
        ("first_name", "'=1", "Begins like a formula"),
        ("first_name", "#N/A", "Begins like a formula"),
        ("first_name", "x" * 151, "Longer than 150"),
        ("first_name", "right\u202eleft", "cannot be shown"),
        ("role", "boss", "none of: employee"),
        ("country", "Bavaria", "neither a country's code"),
        ("language", "Klingon", "neither a language's code"),
        ("employment_type", "sometimes", "none of: full time"),
        ("working_days_per_week", "8", "not a number of days"),
        ("start_date", "03/01/2026", "can be read in two ways"),
        ("start_date", "2026-02-30", "not a day of the calendar"),
        ("start_date", "1.3.26", "is no date"),
        ("start_date", "1026-01-01", "not a day from 1900-01-01 to 2200-12-31"),
        ("end_date", "31.12.9999", "not a day from 1900-01-01 to 2200-12-31"),
        ("active", "maybe", "neither yes nor no"),
        ("employee_number", "", "Missing"),
        ("employee_number", "b1", "Is this B1?"),
    ],
)
def test_bad_cell_is_told_with_line_column_and_reason(in_acme, alice, bo, column, text, reason):
    columns = imports.columns.NAMES
    values = {"employee_number": "N1", "email": "n@acme.example", "first_name": "N", "last_name": "New", column: text}
    written = io.StringIO()
    csv.writer(written).writerows([columns, [values.get(name, "") for name in columns]])

    report = services.import_people(content=written.getvalue().encode(), by=alice)

    assert (2, column) in told(report)
    assert reason in next(problem.reason for problem in report.problems if problem.column == column)
    assert not Employee.objects.filter(email="n@acme.example").exists()


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-01", (2026, 3, 1)),
        ("2026/3/1", (2026, 3, 1)),
        ("01.03.2026", (2026, 3, 1)),
        ("1.3.2026", (2026, 3, 1)),
        ("25/03/2026", (2026, 3, 25)),
        ("03/25/2026", (2026, 3, 25)),
        ("03/03/2026", (2026, 3, 3)),
    ],
)
def test_dates_are_read_in_three_formats(text, day):
    assert imports.resource.EmployeeResource().read_cell(column="start_date", text=text) == date(*day)


def test_numbers_and_addresses_come_once(in_acme, alice, bob):
    content = table(
        "N1,a@acme.example,A,A", "N1,b@acme.example,B,B", "N2,A@acme.example,C,C", "N3,bob@acme.example,D,D"
    )

    report = services.import_people(content=content, by=alice)

    assert told(report) == [(3, "employee_number"), (4, "email"), (5, "email")]


def test_lost_leading_zeros_are_noticed(in_acme, alice):
    services.create_employee(
        email="z@acme.example", first_name="Z", last_name="Z", role="employee", employee_number="0042"
    )

    report = services.import_people(content=workbook(["employee_number", "site"], [42, "Kiel"]), by=alice)

    assert told(report) == [(2, "employee_number")]
    assert "Is this 0042?" in report.problems[0].reason


def test_one_bad_row_and_nothing_is_written_and_the_refusal_is_recorded(in_acme, alice, bo):
    content = table("N1,a@acme.example,A,A", "N2,nonsense,B,B", "B1,bo@acme.example,Changed,Old")

    report = services.import_people(content=content, by=alice)

    assert told(report) == [(3, "email")]
    assert not Employee.objects.filter(employee_number="N1").exists()
    assert person("B1").first_name == "Bo"
    refusal = AuditLog.objects.get(verb="employees.import")
    assert (refusal.outcome, refusal.details["bad_rows"]) == ("refused", 1)


def test_ten_thousand_rows_of_which_fifty_are_wrong(in_acme, alice):
    lines = [f"N{n},p{n}@acme.example,P,Nr{n},{'Atlantis' if n % 200 == 0 else 'DE'}" for n in range(10_000)]

    report = services.import_people(content=table(*lines, heading=HEADING + ",country"), by=alice)

    assert [problem.line for problem in report.problems] == [n + 2 for n in range(0, 10_000, 200)]
    assert {problem.column for problem in report.problems} == {"country"}
    assert not Employee.objects.filter(employee_number="N1").exists()


def test_checking_writes_nothing_but_that_people_were_looked_at(in_acme, alice):
    report = services.check_people(content=table("N1,n@acme.example,N,New"), by=alice)

    assert (report.created, report.written, report.first_changes[0].name) == (1, False, "N New")
    assert not Employee.objects.filter(employee_number="N1").exists()
    rows = AuditLog.objects.filter(verb__startswith="employee").exclude(verb="employee.create")
    assert [row.verb for row in rows] == ["employees.check_import"]


# --- files ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b",,,\n,,,\n", "empty"),
        (b'""\n', "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\xef\xbb\xbf,,\n", "empty"),
        (b"\xff\xfe", "empty"),
        ("\u00a0".encode(), "empty"),
        ("\u2028\n\u2028".encode(), "empty"),
        (workbook(), "empty"),
        (workbook([None, None], ["", " "]), "empty"),
        (b"%PDF-1.7 renamed to people.xlsx", "not_a_table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old Excel", "not_a_table"),
        (b"PK\x03\x04 cut off", "not_a_table"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "wrong_encoding"),
        ("employee_number,last_name\nN1,Müller".encode("latin-1"), "wrong_encoding"),
        (b"employee_number\nN\x001", "not_a_table"),
        (b'employee_number,site\nN1,"never closed\n', "not_a_table"),
        (b"<!doctype html><p>no table</p>", "no_number_column"),
        (b"email\na@acme.example", "no_number_column"),
        (b"employee_number,number\n1,2", "duplicate_column"),
        (b"employee_number," + b"," * 200 + b"x\n", "too_many_columns"),
    ],
)
def test_file_that_is_no_list_of_people_is_refused_with_a_code(in_acme, alice, content, code):
    with pytest.raises(imports.SheetRefused) as refused:
        services.import_people(content=content, by=alice)

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("ending", "code"),
    [("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "too_large"), ("raise SystemExit(3)", "unreadable")],
)
def test_reader_that_breaks_is_told_apart_from_a_limit(in_acme, alice, tmp_path, monkeypatch, ending, code):
    broken = tmp_path / "child.py"
    broken.write_text(ending)
    monkeypatch.setattr(sheets, "_CHILD", broken)

    with pytest.raises(imports.SheetRefused) as refused:
        services.import_people(content=table("N1,n@acme.example,N,New"), by=alice)

    assert refused.value.code == code


def test_document_in_a_zip_is_no_spreadsheet(in_acme, alice):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("word/document.xml", "<w:document/>")

    with pytest.raises(imports.SheetRefused, match="no Excel file"):
        services.import_people(content=written.getvalue(), by=alice)


def test_spreadsheet_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(in_acme, alice):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 300 * 1024**2)

    with pytest.raises(imports.SheetRefused, match="unpacks to more"):
        services.import_people(content=written.getvalue(), by=alice)


def test_too_many_rows_are_refused(in_acme, alice, settings):
    settings.MAX_IMPORT_ROWS = 2

    with pytest.raises(imports.SheetRefused, match="More than 2 rows"):
        services.import_people(content=table(*(f"N{n},{n}@acme.example,A,A" for n in range(3))), by=alice)

    assert services.import_people(content=table("N1,1@a.example,A,A", "N2,2@a.example,A,A"), by=alice).written


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_usual_encodings_and_delimiters_are_read(in_acme, alice, encoding, delimiter):
    content = table("N1,n@acme.example,Jürgen,Ångström").decode().replace(",", delimiter).encode(encoding)

    services.import_people(content=content, by=alice)

    assert str(person("N1")) == "Jürgen Ångström"


def test_workbook_with_dates_numbers_and_blank_lines_is_read(in_acme, alice):
    content = workbook(
        ["Personnel Number", "E-Mail", "Given name", "Surname", "Start date", "Days per week", "Active", "Salary"],
        [],
        [1001, "w@acme.example", "Wo", "Book", date(2026, 3, 1), 2.5, True, 100],
    )

    report = services.import_people(content=content, by=alice)

    wo = person("1001")
    assert report.ignored_columns == ("Salary",)
    assert report.first_changes[0].line == 3
    assert (wo.start_date, wo.working_days_per_week, wo.is_active) == (date(2026, 3, 1), Decimal("2.5"), True)


def test_formula_of_a_workbook_is_refused(in_acme, alice):
    content = workbook(HEADING.split(","), ["N1", "n@acme.example", "=1+1", "New"])

    report = services.import_people(content=content, by=alice)

    assert told(report) == [(2, "first_name")]


# --- out again ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_export_is_an_import_that_changes_nothing(in_acme, alice, bo, kind):
    services.update_record(employee=bo, manager=alice, country="DE", start_date=date(2020, 1, 2), language="de")

    content = imports.export_people(people=Employee.objects.order_by("pk"), kind=kind)
    report = services.import_people(content=content, by=Employee.objects.get(email="owner@acme.example"))

    assert report.problems == ()
    assert (report.created, report.updated, report.unchanged) == (0, 0, Employee.objects.count())


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_would_be_a_formula_is_exported_as_text(in_acme, bo, kind):
    Employee.objects.filter(pk=bo.pk).update(department="=HYPERLINK(1)", first_name="@x")

    content = imports.export_people(people=Employee.objects.filter(pk=bo.pk), kind=kind)

    if kind == "csv":
        assert "'=HYPERLINK(1)" in content.decode("utf-8-sig")
        assert ",'@x," in content.decode("utf-8-sig")
    else:
        cells = list(openpyxl.load_workbook(io.BytesIO(content)).active[2])
        assert "'=HYPERLINK(1)" in [cell.value for cell in cells]
        assert "f" not in {cell.data_type for cell in cells}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_template_is_a_file_that_can_be_imported(in_acme, alice, kind):
    content = imports.template_file(kind=kind)

    report = services.check_people(content=content, by=alice)

    assert (report.rows, report.problems, report.ignored_columns) == (0, (), ())


def test_people_of_another_company_are_nobody(acme, globex, in_acme, alice, charlie):
    report = services.import_people(
        content=table(f"{charlie.employee_number}x,charlie@globex.example,Charlie,Twin"), by=alice
    )

    assert report.created == 1
    with context.enter(globex):
        assert Employee.objects.filter(email="charlie@globex.example").count() == 1


@pytest.mark.slow
def test_ten_thousand_people_within_a_minute(in_acme, alice, record_property):
    lines = [f"N{n},p{n}@acme.example,P,Nr{n},DE,N{n // 10}" for n in range(1, 10_001)]
    content = table(*lines, heading=HEADING + ",country,manager_number").replace(b",N0\n", b",\n")

    began = time.monotonic()
    report = services.import_people(content=content, by=alice)
    took = time.monotonic() - began

    record_property("seconds", round(took, 1))
    assert (report.created, report.problems) == (10_000, ())
    assert took <= 60
