"""Paystubs in the services: written once, read by their person, never in the clear anywhere else."""

import threading
import uuid
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from audit import actors
from audit import services as audit
from audit.models import AuditLog
from conftest import make_person
from hr import subject_keys
from hr.models import Employee, PayCode, PayDetails, Paystub
from hr.pay import PayLine, amounts, lines
from hr.services import pay
from hr.tests.pay_stories import GROSS, IBAN, LINES, NATIONAL_ID, NET, SECRETS, make_paystub, rows_of, sheet
from tenants import context
from tenants import services as tenants
from tenants.models import Tenant


def test_a_person_reads_their_own_paystubs_newest_first(in_acme: Tenant, alice: Employee, bob: Employee) -> None:
    for month in (2, 1, 3):
        make_paystub(bob, month=month)
    make_paystub(alice, month=4)

    found = pay.paystubs_of(employee=bob)

    assert [payslip.period_start_date.month for payslip in found] == [3, 2, 1]
    assert {(payslip.gross, payslip.net, payslip.lines) for payslip in found} == {(GROSS, NET, LINES)}
    assert [heading.id for heading in pay.headings_of(employee=bob)] == [payslip.id for payslip in found]


def test_reading_a_year_takes_two_queries(in_acme: Tenant, bob: Employee, django_assert_num_queries: Any) -> None:
    for month in range(1, 13):
        make_paystub(bob, month=month)

    with django_assert_num_queries(2):  # the rows with their keys, and the audit row
        assert len(pay.paystubs_of(employee=bob)) == 12


def test_anothers_paystub_and_a_missing_one_are_the_same_recorded_refusal(
    in_acme: Tenant, alice: Employee, bob: Employee
) -> None:
    theirs = make_paystub(alice)

    for paystub_id in (theirs.pk, uuid.uuid4()):
        with pytest.raises(pay.PaystubNotFound):
            pay.paystub_for(employee=bob, paystub_id=paystub_id)
        row = AuditLog.objects.get(verb="paystub.read", target=f"paystub:{paystub_id}")
        assert (row.outcome, row.reason) == ("refused", "not theirs or not there")


def test_another_companys_paystub_is_not_there(
    in_acme: Tenant, bob: Employee, globex: Tenant, charlie: Employee
) -> None:
    stub = make_paystub(bob)

    with context.enter(globex), pytest.raises(pay.PaystubNotFound):
        pay.paystub_for(employee=charlie, paystub_id=stub.pk)


@pytest.mark.parametrize("role", ["employee", "manager", "ceo"])
def test_only_hr_opens_anothers_paystub_and_a_try_is_recorded(in_acme: Tenant, bob: Employee, role: str) -> None:
    stub = make_paystub(bob)
    other = make_person(in_acme, email=f"{role}@acme.example", name="Other", role=role)

    with pytest.raises(pay.NotForPay):
        pay.paystub_for_hr(by=other, paystub_id=stub.pk, reason="curious")
    with pytest.raises(pay.NotForPay):
        pay.headings_for_hr(by=other, employee=bob)
    with pytest.raises(pay.NotForPay):
        pay.open_details_for_hr(by=other, employee=bob, reason="curious")

    assert AuditLog.objects.filter(outcome="refused").count() == 3


def test_hr_opens_one_with_a_reason(in_acme: Tenant, alice: Employee, bob: Employee) -> None:
    stub = make_paystub(bob)

    assert pay.paystub_for_hr(by=alice, paystub_id=stub.pk, reason="a question of Bob's").net == NET
    assert len(pay.headings_for_hr(by=alice, employee=bob)) == 1
    with pytest.raises(pay.PaystubNotFound):
        pay.paystub_for_hr(by=alice, paystub_id=uuid.uuid4(), reason="a question")


def test_a_deactivated_hr_person_opens_nothing(in_acme: Tenant, alice: Employee, bob: Employee) -> None:
    stub = make_paystub(bob)
    alice.is_active = False

    with pytest.raises(pay.NotForPay):
        pay.paystub_for_hr(by=alice, paystub_id=stub.pk, reason="was let go")


def test_every_reading_and_writing_is_one_audit_row(in_acme: Tenant, alice: Employee, bob: Employee) -> None:
    def verbs() -> list[str]:
        return list(AuditLog.objects.order_by("-pk").values_list("verb", flat=True)[:1])

    count = AuditLog.objects.count()
    stub = make_paystub(bob)
    for step, verb in (
        (lambda: None, "paystub.create"),
        (lambda: pay.paystubs_of(employee=bob), "paystub.read_all"),
        (lambda: pay.headings_of(employee=bob), "paystub.list"),
        (lambda: pay.latest_paystub(employee=bob), "paystub.read"),
        (lambda: pay.paystub_for(employee=bob, paystub_id=stub.pk), "paystub.read"),
        (lambda: pay.paystub_for_hr(by=alice, paystub_id=stub.pk, reason="why"), "paystub.open_for_hr"),
        (lambda: pay.set_pay_details(employee=bob, iban=IBAN, national_id=None), "pay_details.change"),
        (lambda: pay.masked_details_of(employee=bob), "pay_details.read"),
        (lambda: pay.open_details_for_hr(by=alice, employee=bob, reason="why"), "pay_details.open_for_hr"),
    ):
        step()
        count += 1
        assert (AuditLog.objects.count(), verbs()) == (count, [verb])
    payslip = pay.latest_paystub(employee=bob)
    assert payslip is not None
    pay.pdf_for(employee=bob, paystub_id=stub.pk)
    assert verbs() == ["paystub.download"]
    assert AuditLog.objects.filter(digest=payslip.digest).count() >= 4


def test_without_an_audit_row_nothing_is_handed_out(in_acme: Tenant, bob: Employee) -> None:
    stub = make_paystub(bob)
    nobody = actors.Actor("employee", "x" * 121)  # no audit row can hold it

    for call in (
        lambda: pay.paystubs_of(employee=bob),
        lambda: pay.latest_paystub(employee=bob),
        lambda: pay.paystub_for(employee=bob, paystub_id=stub.pk),
        lambda: pay.masked_details_of(employee=bob),
        lambda: make_paystub(bob, month=2),
        lambda: pay.import_paystubs(source=sheet(*rows_of(bob.employee_number, month=3))),
    ):
        with pytest.raises(audit.BadAuditRow), actors.acting_as(nobody), transaction.atomic():
            call()
    assert Paystub.objects.count() == 1


def test_a_correction_replaces_and_keeps_what_was(in_acme: Tenant, bob: Employee) -> None:
    first = make_paystub(bob)
    less = (PayLine("BASE", "Base salary", "earning", NET),)

    second = make_paystub(bob, gross=NET, net=NET, lines=less, is_correction=True)

    assert (second.number, second.corrects_id) == (2, first.pk)
    newest, oldest = pay.paystubs_of(employee=bob)
    assert (newest.is_correction, newest.is_replaced, oldest.is_replaced) == (True, False, True)
    assert (oldest.gross, newest.gross) == (GROSS, NET)
    latest = pay.latest_paystub(employee=bob)
    assert latest is not None and latest.id == second.pk


def test_a_period_is_paid_once(in_acme: Tenant, bob: Employee) -> None:
    with pytest.raises(pay.PaystubExists, match="nothing to correct"):
        make_paystub(bob, is_correction=True)
    make_paystub(bob)
    with pytest.raises(pay.PaystubExists, match="already paid"):
        make_paystub(bob)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"net": NET + 1}, lines.AmountsDisagree),
        ({"gross": GROSS + 1}, lines.AmountsDisagree),
        ({"lines": ()}, lines.AmountsDisagree),
        ({"currency": "EURO"}, amounts.UnknownCurrency),
        ({"currency": "JPY"}, amounts.BadAmount),
        ({"gross": Decimal("NaN")}, amounts.BadAmount),
    ],
)
def test_what_does_not_add_up_is_refused_without_saying_amounts(
    in_acme: Tenant, bob: Employee, changes: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error) as raised:
        make_paystub(bob, **changes)

    assert Paystub.objects.count() == 0
    assert not [secret for secret in SECRETS if secret in f"{raised.value!r}"]


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"period_end_date": date(2025, 1, 1)}, "paystub_period_ends_after_its_start"),
        ({"currency": "eur"}, "paystub_currency_is_a_code"),
        ({"number": 2}, "paystub_number_above_one_is_a_correction"),
        ({}, "paystub_numbered_in_period"),
    ],
)
def test_constraints_of_paystubs(in_acme: Tenant, bob: Employee, changes: dict[str, Any], constraint: str) -> None:
    made = make_paystub(bob)
    row = Paystub(
        **{
            "employee": bob,
            "subject_key": made.subject_key,
            "period_start_date": made.period_start_date,
            "period_end_date": made.period_end_date,
            "pay_date": made.pay_date,
            "currency": "EUR",
            "gross": GROSS,
            "net": NET,
            "lines": [],
            "created_at": timezone.now(),
            **changes,
        }
    )

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"kind": "gift"}, "pay_code_kind_known"),
        ({"code": "small"}, "pay_code_is_written_in_capitals"),
        ({"code": "TAX"}, "pay_codes_code"),
    ],
)
def test_constraints_of_pay_codes(in_acme: Tenant, changes: dict[str, str], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        PayCode.objects.create(**{"code": "NEW", "label": "x", "kind": "earning", "explanation": "x", **changes})


def test_a_line_is_explained_by_itself_or_by_the_companys_code(in_acme: Tenant, bob: Employee) -> None:
    own = PayLine("TAX", "Income tax", "deduction", GROSS - NET, "Class IV since June.")
    base = PayLine("BASE", "Base salary", "earning", GROSS)
    odd = PayLine("X99", "Odd", "employer", Decimal("1.00"))
    make_paystub(bob, lines=(base, own, odd))
    payslip = pay.latest_paystub(employee=bob)
    assert payslip is not None

    assert pay.explain_line(paystub=payslip, code=" tax ").explanation == "Class IV since June."
    assert pay.explain_line(paystub=payslip, code="BASE").explanation.startswith("Your agreed pay")
    assert pay.explain_line(paystub=payslip, code="X99").explanation == ""
    with pytest.raises(pay.LineNotFound):
        pay.explain_line(paystub=payslip, code="BONUS")


def test_pay_details_are_masked_and_can_be_removed(in_acme: Tenant, bob: Employee) -> None:
    pay.set_pay_details(employee=bob, iban="de89 3704 0044 0532 0130 00", national_id=NATIONAL_ID)

    assert vars(pay.masked_details_of(employee=bob)) == {"iban": "DE89 •••• 3000", "national_id": "•••• 456C"}
    pay.set_pay_details(employee=bob, iban="", national_id=None)
    assert vars(pay.masked_details_of(employee=bob)) == {"iban": "", "national_id": "•••• 456C"}
    assert PayDetails.objects.count() == 1


@pytest.mark.parametrize("iban", ["DE89370400440532013001", "FR76", "XX", "DE89 3704 0044 0532 0130 0"])
def test_a_bad_iban_is_refused_without_repeating_it(in_acme: Tenant, bob: Employee, iban: str) -> None:
    with pytest.raises(pay.BadIban) as raised:
        pay.set_pay_details(employee=bob, iban=iban, national_id=None)

    assert iban not in str(raised.value)
    assert PayDetails.objects.count() == 0


@pytest.mark.parametrize("number", ["?", "x" * 40, "Robert'); DROP"])
def test_a_bad_national_id_is_refused(in_acme: Tenant, bob: Employee, number: str) -> None:
    with pytest.raises(pay.BadNationalId):
        pay.set_pay_details(employee=bob, iban=None, national_id=number)


def test_an_import_writes_all(in_acme: Tenant, alice: Employee, bob: Employee) -> None:
    source = sheet(
        *rows_of(alice.employee_number), *rows_of(bob.employee_number), *rows_of(bob.employee_number, month=2)
    )

    checked = pay.check_sheet(source=source)
    done = pay.import_paystubs(source=source, reason="payroll")

    assert (checked.paystub_count, checked.person_count, checked.row_count, checked.problems) == (3, 2, 6, ())
    assert (done.paystub_count, done.person_count, done.row_count) == (3, 2, 6)
    assert [payslip.net for payslip in pay.paystubs_of(employee=bob)] == [NET, NET]


def test_an_import_with_one_bad_row_writes_nothing(in_acme: Tenant, alice: Employee, bob: Employee) -> None:
    source = sheet(*rows_of(alice.employee_number), *rows_of("NOBODY"))
    audited = AuditLog.objects.count()

    with pytest.raises(pay.SheetRefused) as raised:
        pay.import_paystubs(source=source)

    (problem,) = raised.value.problems
    assert (problem.line, problem.column, problem.reason) == (4, "employee_number", "belongs to nobody in this company")
    assert (Paystub.objects.count(), AuditLog.objects.count()) == (0, audited)


def test_the_same_sheet_twice_is_refused_and_a_correction_is_not(in_acme: Tenant, bob: Employee) -> None:
    pay.import_paystubs(source=sheet(*rows_of(bob.employee_number)))

    with pytest.raises(pay.SheetRefused, match="1 problems"):
        pay.import_paystubs(source=sheet(*rows_of(bob.employee_number)))
    pay.import_paystubs(source=sheet(*rows_of(bob.employee_number, correction="yes", gross="9200.07")))

    assert [payslip.gross for payslip in pay.paystubs_of(employee=bob)] == [Decimal("9200.07"), GROSS]


def test_a_correction_of_nothing_is_a_problem(in_acme: Tenant, bob: Employee) -> None:
    checked = pay.check_sheet(source=sheet(*rows_of(bob.employee_number, correction="yes")))

    assert [(problem.line, problem.column) for problem in checked.problems] == [(2, "correction")]


def test_a_header_alone_is_said_to_be_one(in_acme: Tenant) -> None:
    assert [problem.reason for problem in pay.check_sheet(source=sheet()).problems] == ["has a header and no rows"]


def test_an_import_takes_a_handful_of_queries(
    in_acme: Tenant, bob: Employee, django_assert_max_num_queries: Any
) -> None:
    people = [make_person(in_acme, email=f"p{n}@acme.example", name=f"P{n}", role="employee") for n in range(10)]
    source = sheet(
        *(row for person in people for month in range(1, 13) for row in rows_of(person.employee_number, month=month))
    )

    with django_assert_max_num_queries(14):
        assert pay.import_paystubs(source=source).paystub_count == 120


def test_nobody_is_paid_while_their_data_is_erased(in_acme: Tenant, alice: Employee, bob: Employee) -> None:
    subject_keys.destroy(employee=bob)

    with pytest.raises(subject_keys.SubjectKeyDestroyed):
        pay.import_paystubs(source=sheet(*rows_of(alice.employee_number), *rows_of(bob.employee_number)))
    assert Paystub.objects.count() == 0


def test_nothing_secret_stands_in_tables_audit_or_logs(
    in_acme: Tenant, alice: Employee, bob: Employee, capsys: Any, caplog: Any
) -> None:
    caplog.set_level("DEBUG")
    stub = make_paystub(bob)
    pay.import_paystubs(source=sheet(*rows_of(bob.employee_number, month=2)), reason="payroll")
    pay.set_pay_details(employee=bob, iban=IBAN, national_id=NATIONAL_ID)
    pay.pdf_for(employee=bob, paystub_id=stub.pk)
    pay.paystub_for_hr(by=alice, paystub_id=stub.pk, reason="a question")
    pay.masked_details_of(employee=bob)
    with pytest.raises(lines.AmountsDisagree):
        make_paystub(bob, month=3, net=NET + 1)

    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'acme'")
        tables = [name for (name,) in cursor.fetchall()]
        dumped = []
        for table in tables:
            cursor.execute(f'SELECT t::text FROM acme."{table}" t')
            dumped += [row for (row,) in cursor.fetchall()]
    out = capsys.readouterr()
    seen = "".join(dumped) + caplog.text + out.out + out.err
    assert len(tables) > 20 and len(seen) > 1000
    for secret in SECRETS:
        assert secret not in seen
        assert secret.encode().hex() not in seen


def test_two_at_once_pay_a_period_once(committed: None) -> None:
    """Threads of their own transactions: the second waits for the first person's key and then sees the paystub."""
    tenant = tenants.onboard(name="Twice", domain="twice.localhost", admin_email="o@twice.example").tenant
    with context.enter(tenant):
        number = Employee.objects.get().employee_number
    outcomes: list[str] = []
    start = threading.Barrier(4)

    def work() -> None:
        try:
            with context.enter(tenant):
                start.wait()
                pay.import_paystubs(source=sheet(*rows_of(number)))
            outcomes.append("done")
        except pay.SheetRefused:
            outcomes.append("refused")
        except Exception as error:
            outcomes.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sorted(outcomes) == ["done", "refused", "refused", "refused"]
    with context.enter(tenant):
        assert Paystub.objects.count() == 1
        assert pay.latest_paystub(employee=Employee.objects.get()) is not None
