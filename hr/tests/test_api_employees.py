"""People's records over the API: whose records one sees, and the import with the same reasons as on the page."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from audit.models import AuditLog
from hr import services
from hr.models import Employee
from hr.tests.api_helpers import api, signed_in
from tenants import context

LIST = "/api/v1/employees"
IMPORT = "/api/v1/employees/import"
GOOD = "employee_number,email,first_name,last_name,salary\nN1,nora@acme.example,Nora,New,1\n"


@pytest.fixture
def dave(acme, bob):
    """The manager of erin, who is bob's manager."""
    with context.enter(acme):
        dave = services.create_employee(email="dave@acme.example", first_name="Dave", last_name="Top", role="manager")
        erin = services.create_employee(email="erin@acme.example", first_name="Erin", last_name="Mid", role="employee")
        services.update_record(employee=erin, manager=dave)
        services.update_record(employee=bob, manager=erin, country="DE", site="Kiel", employment_type="part_time")
        return dave


def names(response):
    assert response.status_code == 200, response.content
    return [row["first_name"] for row in response.json()["results"]]


def send(client, content, **more):
    return client.post(IMPORT, {"file": SimpleUploadedFile("people.csv", content.encode()), **more})


def test_hr_sees_everybody_a_manager_those_below_and_an_employee_themselves(acme, alice, bob, dave):
    assert set(names(signed_in(acme, alice).get(LIST))) >= {"Alice", "Bob", "Dave", "Erin"}
    assert names(signed_in(acme, dave).get(LIST)) == ["Bob", "Erin", "Dave"]
    assert names(signed_in(acme, bob).get(LIST)) == ["Bob"]


def test_employee_with_people_below_sees_none_of_them(acme, bob, dave):
    with context.enter(acme):
        erin = Employee.objects.get(first_name="Erin")

    assert names(signed_in(acme, erin).get(LIST)) == ["Erin"]


def test_demoted_manager_sees_nobody_else_with_the_next_request(acme, bob, dave):
    with context.enter(acme):
        services.change_role(employee=dave, role="employee")

    assert names(signed_in(acme, dave).get(LIST)) == ["Dave"]


def test_record_says_who_and_where(acme, alice, bob, dave):
    record = signed_in(acme, alice).get(f"{LIST}/{bob.pk}").json()

    assert (record["country"], record["country_name"], record["site"]) == ("DE", "Germany", "Kiel")
    assert (record["manager_name"], record["working_days_per_week"]) == ("Erin Mid", "5.0")
    with context.enter(acme):
        row = AuditLog.objects.get(verb="employee.read")
        assert (row.actor, row.target) == (alice.actor_label, bob.actor_label)


def test_foreign_closed_and_missing_are_the_same(acme, globex, alice, bob, dave, charlie):
    foreign = charlie.pk + 5_000_000
    with context.enter(globex):
        Employee.objects.filter(pk=charlie.pk).update(id=foreign)

    by_bob = [signed_in(acme, bob).get(f"{LIST}/{number}") for number in (alice.pk, foreign, 9_999_999)]
    by_alice = [signed_in(acme, alice).get(f"{LIST}/{number}") for number in (foreign, 9_999_999)]

    assert {answer.status_code for answer in (*by_bob, *by_alice)} == {404}
    assert len({answer.content for answer in (*by_bob, *by_alice)}) == 1


def test_charlie_sees_globex_only(acme, globex, alice, charlie):
    with context.enter(globex):
        services.change_role(employee=charlie, role="hr")

    assert "Alice" not in names(signed_in(globex, charlie).get(LIST))


@pytest.mark.parametrize(
    "query",
    [
        {"country": "de"},
        {"site": "KIEL"},
        {"employment_type": "part_time"},
        {"q": "bob exam"},
        {"q": "bob@acme"},
    ],
)
def test_list_is_narrowed(acme, alice, bob, dave, query):
    assert names(signed_in(acme, alice).get(LIST, query)) == ["Bob"]


def test_list_is_narrowed_by_manager_role_and_state(acme, alice, bob, dave):
    client = signed_in(acme, alice)
    with context.enter(acme):
        services.deactivate(employee=bob)

    assert names(client.get(LIST, {"manager_id": dave.pk})) == ["Erin"]
    assert names(client.get(LIST, {"role": "manager"})) == ["Dave"]
    assert names(client.get(LIST, {"is_active": "false"})) == ["Bob"]


@pytest.mark.parametrize("query", [{"role": "boss"}, {"country": "Germany"}, {"manager_id": "x"}, {"is_active": "?"}])
def test_senseless_filter_is_a_400(acme, alice, query):
    assert signed_in(acme, alice).get(LIST, query).status_code == 400


def test_import_can_be_tried_first(acme, alice):
    client = signed_in(acme, alice)

    tried = send(client, GOOD, dry_run="true").json()
    done = send(client, GOOD, reason="new colleagues").json()

    assert (tried["written"], tried["created"], tried["ignored_columns"]) == (False, 1, ["salary"])
    assert (done["written"], done["created"], done["problems"]) == (True, 1, [])
    with context.enter(acme):
        assert AuditLog.objects.get(verb="employees.import").actor == alice.actor_label


def test_wrong_cells_are_told_with_line_column_and_reason(acme, alice):
    content, client = GOOD + "N2,nonsense,Max,Bad,\n", signed_in(acme, alice)

    tried, refused = send(client, content, dry_run="true"), send(client, content)

    assert (tried.status_code, tried.json()["written"]) == (200, False)
    assert tried.json()["problems"] == [{"line": 3, "column": "email", "reason": "This is no e-mail address."}]
    assert refused.status_code == 400
    assert refused.json()["errors"] == [
        {"code": "bad_cell", "detail": "This is no e-mail address.", "attr": "file.3.email"}
    ]
    with context.enter(acme):
        assert not Employee.objects.filter(employee_number="N1").exists()


@pytest.mark.parametrize(
    ("content", "code"), [("%PDF-1.7", "not_a_table"), ("", "empty"), ("a,b\n", "no_number_column")]
)
def test_unusable_file_is_a_400_about_the_file(acme, alice, content, code):
    answer = send(signed_in(acme, alice), content)

    assert answer.status_code == 400
    assert (answer.json()["errors"][0]["attr"], answer.json()["errors"][0]["code"]) == ("file", code)


@pytest.mark.parametrize("part", ["dry_run", "file", "reason"])
def test_part_that_comes_twice_is_refused_and_nothing_is_written(acme, alice, part):
    """The last of two would win: a dry run could write."""
    twice = {
        "dry_run": ["true", "false"],
        "reason": ["one", "two"],
        "file": [SimpleUploadedFile(f"{n}.csv", GOOD.encode()) for n in "ab"],
    }

    answer = signed_in(acme, alice).post(
        IMPORT, {"file": SimpleUploadedFile("people.csv", GOOD.encode()), part: twice[part]}
    )

    assert answer.status_code == 400
    error = answer.json()["errors"][0]
    assert (error["attr"], error["code"]) == (part, "repeated")
    with context.enter(acme):
        assert not Employee.objects.filter(employee_number="N1").exists()


def test_only_hr_and_owners_import(acme, globex, bob, dave, charlie):
    assert send(signed_in(acme, bob), GOOD).status_code == 403
    assert send(signed_in(acme, dave), GOOD).status_code == 403
    assert send(api(acme), GOOD).status_code == 401
    with context.enter(globex):
        services.change_role(employee=charlie, role="hr")
    foreign = signed_in(globex, charlie)
    foreign.defaults["HTTP_HOST"] = "acme.localhost"
    assert send(foreign, GOOD).status_code in (401, 403)


def test_file_over_the_limit_is_a_413(acme, alice, settings):
    settings.MAX_UPLOAD_BYTES = 1024

    assert send(signed_in(acme, alice), GOOD + "x" * 100_000).status_code == 413
