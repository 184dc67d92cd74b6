"""Sealed fields: what the database holds, where a ciphertext opens, and what is said when it does not."""

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import FieldError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from hr import keys, subject_keys
from hr.keys import Place
from hr.models import Employee, PayDetails, Paystub, SubjectKey
from tenants import context
from tenants.models import Tenant

GROSS, NET = Decimal("48151623.42"), Decimal("31415926.53")
LINES = [{"code": "BASE", "label": "Grundgehalt Änne", "kind": "earning", "amount": "48151623.42", "explanation": ""}]
HERE = Place(tenant="t", table="paystubs", field="gross", row="r", subject="1", key="k")


def make_paystub(employee: Employee, *, month: int = 1, **changes: Any) -> Paystub:
    with transaction.atomic():
        key = subject_keys.current_keys(employees=[employee])[employee.pk]
        return Paystub.objects.create(
            **{
                "employee": employee,
                "subject_key": key,
                "period_start_date": date(2026, month, 1),
                "period_end_date": date(2026, month, 28),
                "pay_date": date(2026, month, 28),
                "currency": "EUR",
                "gross": GROSS,
                "net": NET,
                "lines": LINES,
                "created_at": timezone.now(),
                **changes,
            }
        )


def raw(table: str) -> str:
    """Every row of the table as PostgreSQL writes it, and its binary columns decoded as if they were text."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT t::text, row_to_json(t)::text FROM {table} t")
        rows = "".join("".join(row) for row in cursor.fetchall())
        cursor.execute(f"SELECT * FROM {table}")
        values = b"".join(
            bytes(value) for row in cursor.fetchall() for value in row if isinstance(value, memoryview | bytes)
        )
    return rows + values.decode("latin-1") + values.hex()


def test_what_was_sealed_opens_again(in_acme: Tenant, bob: Employee) -> None:
    made = make_paystub(bob)

    loaded = Paystub.objects.select_related("subject_key").get(pk=made.pk)

    assert (loaded.gross, loaded.net, loaded.lines) == (GROSS, NET, LINES)
    assert isinstance(loaded.gross, Decimal)
    assert made.gross == GROSS  # the instance that was saved, too


def test_raw_rows_show_ciphertext_only(in_acme: Tenant, bob: Employee) -> None:
    stub = make_paystub(bob)
    PayDetails.objects.create(
        employee=bob,
        subject_key=stub.subject_key,
        iban="DE89370400440532013000",
        national_id="QQ123456C",
        updated_at=timezone.now(),
    )

    seen = raw("paystubs") + raw("pay_details") + raw("subject_keys")

    for secret in ("48151623", "31415926", "Grundgehalt", "BASE", "earning", "DE89", "370400440532013000", "QQ123456C"):
        assert secret not in seen
        assert secret.encode().hex() not in seen
    assert subject_keys.data_key(stub.subject_key).hex() not in seen


def test_length_of_a_ciphertext_tells_nothing_of_the_digits() -> None:
    key = keys.new_data_key()

    lengths = {len(keys.seal(key=key, content=b"9" * digits, place=HERE)) for digits in range(1, 40)}

    assert len(lengths) == 1


@given(st.binary(max_size=300))
def test_any_content_comes_back_as_it_was(content: bytes) -> None:
    key = keys.new_data_key()

    assert keys.unseal(key=key, sealed=keys.seal(key=key, content=content, place=HERE), place=HERE) == content


def test_the_same_content_is_sealed_differently_each_time() -> None:
    key = keys.new_data_key()

    assert len({keys.seal(key=key, content=b"100.00", place=HERE) for _ in range(50)}) == 50


@pytest.mark.parametrize("part", ["tenant", "table", "field", "row", "subject", "key"])
def test_a_ciphertext_opens_in_its_own_place_only(part: str) -> None:
    key = keys.new_data_key()
    sealed = keys.seal(key=key, content=b"100.00", place=HERE)

    with pytest.raises(keys.Tampered):
        keys.unseal(key=key, sealed=sealed, place=Place(**{**vars(HERE), part: "another"}))


def test_every_flipped_byte_is_noticed() -> None:
    key = keys.new_data_key()
    sealed = keys.seal(key=key, content=b"100.00", place=HERE)

    for position in range(len(sealed)):
        altered = bytearray(sealed)
        altered[position] ^= 1
        with pytest.raises(keys.Tampered):
            keys.unseal(key=key, sealed=bytes(altered), place=HERE)
    for length in (0, 1, 12, 13, 28, len(sealed) - 1):
        with pytest.raises(keys.Tampered):
            keys.unseal(key=key, sealed=sealed[:length], place=HERE)


@pytest.mark.parametrize(
    ("source", "target"), [("gross", "net"), ("net", "gross")], ids=["gross over net", "net over gross"]
)
def test_a_ciphertext_copied_to_another_column_does_not_open(
    in_acme: Tenant, bob: Employee, source: str, target: str
) -> None:
    stub = make_paystub(bob)
    _sql(f"UPDATE paystubs SET {target} = {source}")

    with pytest.raises(keys.Tampered):
        getattr(Paystub.objects.get(pk=stub.pk), target)


def test_a_ciphertext_copied_to_another_row_does_not_open(in_acme: Tenant, bob: Employee) -> None:
    first, second = make_paystub(bob, month=1), make_paystub(bob, month=2)
    _sql("UPDATE paystubs SET gross = (SELECT gross FROM paystubs WHERE id = %s) WHERE id = %s", first.pk, second.pk)

    with pytest.raises(keys.Tampered):
        _ = Paystub.objects.get(pk=second.pk).gross


def test_a_row_given_to_another_person_does_not_open(in_acme: Tenant, alice: Employee, bob: Employee) -> None:
    stub = make_paystub(alice)
    theirs = make_paystub(bob, month=2)
    _sql("UPDATE paystubs SET employee_id = %s WHERE id = %s", bob.pk, stub.pk)
    with pytest.raises(keys.Tampered):
        _ = Paystub.objects.get(pk=stub.pk).gross

    _sql("UPDATE paystubs SET subject_key_id = %s WHERE id = %s", theirs.subject_key_id, stub.pk)
    with pytest.raises(keys.Tampered):
        _ = Paystub.objects.get(pk=stub.pk).gross


def test_a_row_and_its_key_copied_to_another_company_do_not_open(
    in_acme: Tenant, bob: Employee, globex: Tenant, charlie: Employee
) -> None:
    stub = make_paystub(bob)
    _sql("UPDATE globex.employees SET id = %s WHERE id = %s", bob.pk + 1_000_000, bob.pk)
    _sql("UPDATE globex.employees SET id = %s WHERE id = %s", bob.pk, charlie.pk)
    _sql("INSERT INTO globex.subject_keys SELECT * FROM acme.subject_keys")
    _sql("INSERT INTO globex.paystubs SELECT * FROM acme.paystubs")

    with context.enter(globex), pytest.raises(keys.Tampered):
        _ = Paystub.objects.get(pk=stub.pk).gross


def test_a_key_row_given_to_another_person_does_not_open(in_acme: Tenant, alice: Employee, bob: Employee) -> None:
    stub = make_paystub(alice)
    _sql("UPDATE subject_keys SET employee_id = %s", bob.pk)

    with pytest.raises(keys.Tampered):
        _ = Paystub.objects.get(pk=stub.pk).gross


def test_with_another_master_key_nothing_opens_and_nothing_is_written(
    in_acme: Tenant, alice: Employee, bob: Employee, settings: Any
) -> None:
    stub = make_paystub(bob)
    settings.FIELD_MASTER_KEY = "another-key-" + "y" * 40

    with pytest.raises(keys.WrongMasterKey) as raised:
        _ = Paystub.objects.get(pk=stub.pk).gross
    assert SubjectKey.objects.get().master_key_id in str(raised.value)
    for employee in (bob, alice):  # one with a key, one whose first key would be made under the wrong one
        with pytest.raises(keys.WrongMasterKey):
            make_paystub(employee, month=3)
    assert (Paystub.objects.count(), SubjectKey.objects.count()) == (1, 1)


def test_an_old_master_key_still_opens(in_acme: Tenant, bob: Employee, settings: Any) -> None:
    stub = make_paystub(bob)
    settings.FIELD_MASTER_KEYS_OLD = (settings.FIELD_MASTER_KEY,)
    settings.FIELD_MASTER_KEY = "another-key-" + "y" * 40

    assert Paystub.objects.get(pk=stub.pk).gross == GROSS


def test_without_a_master_key_that_is_what_is_said(in_acme: Tenant, bob: Employee, settings: Any) -> None:
    stub = make_paystub(bob)
    settings.FIELD_MASTER_KEY = ""

    with pytest.raises(keys.LostMasterKey):
        _ = Paystub.objects.get(pk=stub.pk).gross
    with pytest.raises(keys.LostMasterKey):
        make_paystub(bob, month=2)


def test_a_destroyed_key_ends_reading_and_sealing_for_this_person_only(
    in_acme: Tenant, alice: Employee, bob: Employee
) -> None:
    gone, kept = make_paystub(bob), make_paystub(alice)

    assert subject_keys.destroy(employee=bob, reason="erasure") == 1

    with pytest.raises(subject_keys.SubjectKeyDestroyed):
        _ = Paystub.objects.get(pk=gone.pk).net
    with pytest.raises(subject_keys.SubjectKeyDestroyed):
        make_paystub(bob, month=2)
    assert Paystub.objects.get(pk=kept.pk).net == NET


def test_a_person_without_sealed_data_can_be_destroyed_beforehand(in_acme: Tenant, bob: Employee) -> None:
    subject_keys.destroy(employee=bob)

    with pytest.raises(subject_keys.SubjectKeyDestroyed):
        make_paystub(bob)


def test_a_value_never_reaches_a_statement(in_acme: Tenant, bob: Employee) -> None:
    make_paystub(bob)

    with pytest.raises(FieldError), transaction.atomic():
        Paystub.objects.update(gross=Decimal("1.00"))
    with pytest.raises(FieldError):
        Paystub.objects.filter(gross=GROSS).exists()
    with pytest.raises(FieldError):
        Paystub.objects.filter(gross__gt=GROSS).exists()
    assert Paystub.objects.filter(gross__isnull=False).count() == 1


def test_a_changed_instance_is_sealed_anew_and_an_untouched_field_is_not(in_acme: Tenant, bob: Employee) -> None:
    make_paystub(bob)
    loaded = Paystub.objects.get()
    before = {name: Paystub._meta.get_field(name).ciphertext_of(loaded) for name in ("gross", "net")}

    loaded.gross = Decimal("1.00")
    loaded.save()

    again = Paystub.objects.get()
    assert (again.gross, again.net) == (Decimal("1.00"), NET)
    assert Paystub._meta.get_field("net").ciphertext_of(again) == before["net"]
    assert Paystub._meta.get_field("gross").ciphertext_of(again) != before["gross"]


def test_a_deferred_field_is_loaded_and_opened(in_acme: Tenant, bob: Employee) -> None:
    make_paystub(bob)

    assert Paystub.objects.defer("gross").get().gross == GROSS


def test_texts_of_keys_and_sealed_values_show_no_secret(in_acme: Tenant, bob: Employee) -> None:
    stub = make_paystub(bob)
    master = keys.current_master_key()

    assert master.secret.hex() not in repr(master) and str(master.secret) not in repr(master)
    assert "48151623" not in repr(Paystub.objects.get().__dict__) + repr(stub)


@pytest.mark.parametrize(
    "changes",
    [
        {"retired_at": None},
        {"retired_at": timezone.now(), "wrapped_key": None},
        {"retired_at": timezone.now(), "destroyed_at": timezone.now()},
    ],
    ids=["subject_key_one_is_current", "gone but not destroyed", "destroyed but there"],
)
def test_constraints_of_keys(in_acme: Tenant, bob: Employee, changes: dict[str, Any], request: Any) -> None:
    make_paystub(bob)
    key = subject_keys.fresh_key(employee_id=bob.pk)
    for name, value in changes.items():
        setattr(key, name, value)

    with pytest.raises(IntegrityError, match="subject_key_"), transaction.atomic():
        key.save(force_insert=True)


def _sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [str(value) if isinstance(value, uuid.UUID) else value for value in values])
