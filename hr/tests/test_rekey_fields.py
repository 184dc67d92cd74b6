"""manage.py rekey_fields: another master key, other data keys, and what is said when a key is wrong."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from audit.models import AuditLog
from hr import keys, subject_keys
from hr.models import Employee, PayDetails, Paystub, SubjectKey
from hr.services import pay, rekeying
from hr.tests.pay_stories import GROSS, IBAN, LINES, NATIONAL_ID, NET, SECRETS, make_paystub
from tenants import context
from tenants.models import Tenant

NEW_KEY = "new-master-key-" + "n" * 40


@pytest.fixture
def sealed(in_acme: Tenant, alice: Employee, bob: Employee) -> None:
    for employee in (alice, bob):
        for month in (1, 2, 3):
            make_paystub(employee, month=month)
        pay.set_pay_details(employee=employee, iban=IBAN, national_id=NATIONAL_ID)


@pytest.fixture
def change_master_key(settings: Any) -> Callable[[], str]:
    def change() -> str:
        settings.FIELD_MASTER_KEYS_OLD = (*settings.FIELD_MASTER_KEYS_OLD, settings.FIELD_MASTER_KEY)
        settings.FIELD_MASTER_KEY = NEW_KEY
        return keys.current_master_key().key_id

    return change


def run(*arguments: str) -> str:
    output = io.StringIO()
    call_command("rekey_fields", *arguments, stdout=output)
    return output.getvalue()


def assert_everything_opens() -> None:
    assert Paystub.objects.count() == 6
    for row in Paystub.objects.all():
        assert (row.gross, row.net) == (GROSS, NET)
        assert len(row.lines) == len(LINES)
    for details in PayDetails.objects.all():
        assert (details.iban, details.national_id) == (IBAN, NATIONAL_ID)


def stored() -> list[tuple[Any, ...]]:
    return [
        *SubjectKey.objects.order_by("pk").values_list("pk", "master_key_id", "retired_at", "created_at"),
        *[(bytes(row[0] or b""),) for row in SubjectKey.objects.order_by("pk").values_list("wrapped_key")],
    ]


def ciphertexts() -> list[bytes]:
    field = Paystub._meta.get_field("gross")
    return [field.ciphertext_of(row) for row in Paystub.objects.order_by("pk")]


def test_data_keys_move_under_the_new_master_key_and_the_old_one_is_needed_no_more(
    sealed: None, change_master_key: Callable[[], str], settings: Any
) -> None:
    before = ciphertexts()
    new_id = change_master_key()

    said = run("--tenant", "acme", "--reason", "yearly rotation")

    assert f"acme: 2 data keys rewrapped under master key {new_id}" in said
    settings.FIELD_MASTER_KEYS_OLD = ()
    assert_everything_opens()
    assert ciphertexts() == before  # what is sealed was not touched
    row = AuditLog.objects.get(verb="subject_key.rewrap")
    assert (row.reason, row.details["keys"], row.details["to"]) == ("yearly rotation", 2, new_id)


def test_a_second_run_finds_nothing_to_do(sealed: None, change_master_key: Callable[[], str]) -> None:
    change_master_key()
    run("--tenant", "acme")

    assert "acme: 0 data keys rewrapped" in run("--tenant", "acme")


def test_it_goes_on_where_an_interruption_stopped_it(
    sealed: None, change_master_key: Callable[[], str], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(rekeying, "BATCH_KEYS", 1)
    change_master_key()

    class Interrupted(Exception):
        pass

    def interrupt(done: int) -> None:
        raise Interrupted

    with pytest.raises(Interrupted):
        rekeying.rewrap(progress=interrupt)
    assert_everything_opens()  # half under the old, half under the new one

    assert "acme: 1 data keys rewrapped" in run("--tenant", "acme")
    settings.FIELD_MASTER_KEYS_OLD = ()
    assert_everything_opens()


def test_a_dry_run_counts_and_changes_nothing(sealed: None, change_master_key: Callable[[], str]) -> None:
    change_master_key()
    before = stored()

    said = run("--tenant", "acme", "--dry-run", "--data-keys")

    assert "acme: would rewrap 2 of 2 data keys, and give 2 people new ones; 0 destroyed" in said
    assert stored() == before


def test_a_wrong_master_key_is_one_clear_line_and_nothing_is_changed(sealed: None, settings: Any) -> None:
    lost_id = keys.current_master_key().key_id
    settings.FIELD_MASTER_KEY = NEW_KEY
    before, audited = stored(), AuditLog.objects.count()

    for arguments in (
        ["--tenant", "acme"],
        ["--all-tenants"],
        ["--tenant", "acme", "--data-keys"],
        ["--tenant", "acme", "--dry-run"],
    ):
        with pytest.raises(CommandError) as raised:
            run(*arguments)
        assert str(raised.value).startswith("Nothing was changed. acme: ")
        assert f"{lost_id} (2)" in str(raised.value)
        assert "\n" not in str(raised.value)
        assert raised.value.returncode != 0
    assert (stored(), AuditLog.objects.count()) == (before, audited)


def test_without_any_master_key_that_is_the_line(sealed: None, settings: Any) -> None:
    settings.FIELD_MASTER_KEY = ""

    with pytest.raises(CommandError, match="Nothing was changed: FIELD_MASTER_KEY is not set"):
        run("--tenant", "acme")


def test_one_companys_wrong_key_stops_the_others_before_they_begin(
    sealed: None, globex: Tenant, charlie: Employee, settings: Any
) -> None:
    right = settings.FIELD_MASTER_KEY
    settings.FIELD_MASTER_KEY = "a-third-key-" + "t" * 40
    with context.enter(globex):
        make_paystub(charlie)
    settings.FIELD_MASTER_KEY, settings.FIELD_MASTER_KEYS_OLD = NEW_KEY, (right,)
    before = stored()

    with pytest.raises(CommandError, match="globex: "):
        run("--all-tenants")
    assert stored() == before


def test_an_altered_data_key_is_reported_and_nothing_is_changed(
    sealed: None, change_master_key: Callable[[], str]
) -> None:
    key = SubjectKey.objects.order_by("pk").first()
    assert key is not None and key.wrapped_key is not None
    SubjectKey.objects.filter(pk=key.pk).update(wrapped_key=bytes(key.wrapped_key)[:-1] + b"\x00")
    change_master_key()
    before = stored()

    with pytest.raises(CommandError, match="1 data keys were altered"):
        run("--tenant", "acme")
    assert stored() == before


def test_new_data_keys_seal_every_value_anew(sealed: None) -> None:
    old_keys, old_values = set(SubjectKey.objects.values_list("pk", flat=True)), ciphertexts()

    said = run("--tenant", "acme", "--data-keys")

    # 6 paystubs with 3 values each and 2 details with 2 each: 18 + 4 in 6 + 2 rows.
    assert "acme: 2 people have new data keys; 22 values in 8 rows sealed anew" in said
    assert_everything_opens()
    assert not old_keys & set(SubjectKey.objects.values_list("pk", flat=True))
    assert not set(old_values) & set(ciphertexts())
    assert AuditLog.objects.filter(verb="subject_key.rotate").count() == 2


def test_data_keys_made_since_are_left_alone(sealed: None) -> None:
    started = timezone.now()
    first = SubjectKey.objects.order_by("pk").first()
    assert first is not None
    rekeying.rotate_data_key(employee_id=first.employee_id)

    assert "acme: 1 people have new data keys" in run(
        "--tenant", "acme", "--data-keys", "--made-before", started.isoformat()
    )
    assert_everything_opens()


def test_a_value_that_does_not_open_keeps_its_person_as_they_were(sealed: None, bob: Employee) -> None:
    stub = Paystub.objects.filter(employee=bob).order_by("pk").last()
    assert stub is not None
    ciphertext = Paystub._meta.get_field("net").ciphertext_of(stub)
    from hr.fields import Sealed

    Paystub.objects.filter(pk=stub.pk).update(net=Sealed(ciphertext[:-1] + b"\x00"))
    before = stored()

    with pytest.raises(keys.Tampered):
        rekeying.rotate_data_key(employee_id=bob.pk)
    assert stored() == before


def test_erased_people_stay_erased(sealed: None, bob: Employee, change_master_key: Callable[[], str]) -> None:
    subject_keys.destroy(employee=bob)
    change_master_key()

    said = run("--tenant", "acme", "--data-keys")

    assert "acme: 1 data keys rewrapped" in said and "acme: 1 people have new data keys" in said
    with pytest.raises(subject_keys.SubjectKeyDestroyed):
        pay.paystubs_of(employee=bob)


def test_what_is_lost_for_good_can_be_given_up_with_a_reason(sealed: None, bob: Employee, settings: Any) -> None:
    settings.FIELD_MASTER_KEY = NEW_KEY

    with pytest.raises(CommandError, match="needs --reason"):
        run("--tenant", "acme", "--forget-lost")
    said = run("--tenant", "acme", "--forget-lost", "--reason", "the safe burned down")

    assert "acme: 2 data keys given up" in said
    lost = pay.headings_of(employee=bob)
    assert len(lost) == 3 and pay.paystubs_of(employee=bob) == ()
    with pytest.raises(subject_keys.SubjectKeyDestroyed):
        pay.paystub_for(employee=bob, paystub_id=lost[0].id)
    assert vars(pay.masked_details_of(employee=bob)) == {"iban": "", "national_id": ""}
    pay.set_pay_details(employee=bob, iban=IBAN, national_id=None)
    assert pay.masked_details_of(employee=bob).iban == "DE89 •••• 3000"
    make_paystub(bob, month=5)  # the person can be paid again, and what was lost be replaced
    make_paystub(bob, month=3, is_correction=True)
    assert [payslip.period_start_date.month for payslip in pay.paystubs_of(employee=bob)] == [5, 3]
    assert "acme: would rewrap 0 of 1 data keys; 2 destroyed" in run("--tenant", "acme", "--dry-run")


def test_what_the_command_says_and_audits_has_no_values(
    sealed: None, change_master_key: Callable[[], str], settings: Any
) -> None:
    change_master_key()

    said = run("--tenant", "acme", "--data-keys")

    audited = "".join(str(vars(row)) for row in AuditLog.objects.all())
    for secret in (*SECRETS, settings.FIELD_MASTER_KEY, *settings.FIELD_MASTER_KEYS_OLD):
        assert secret not in said + audited
