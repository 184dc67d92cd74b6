"""The data keys of people: made on first use, found for a row, destroyed for good."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from audit import services as audit
from hr import keys
from hr.keys import Place
from tenants import context

if TYPE_CHECKING:
    from hr.models import Employee, SubjectKey

_OPENED = "_opened_data_key"


class SubjectKeyDestroyed(keys.KeyUnavailable):
    """The person's data was erased: nothing sealed about them can be read, nor anything new be sealed."""


def current_keys(*, employees: "Collection[Employee]") -> "dict[int, SubjectKey]":
    """The current data key of each employee by their id; missing ones are made. Locks the rows until the transaction
    ends, so that no rotation comes between sealing a row and writing it. At most three queries, however many people.

    :raises keys.LostMasterKey: when no master key is configured.
    :raises keys.WrongMasterKey: when an existing key of the company was wrapped by a master key that is not configured.
    :raises SubjectKeyDestroyed: when a person was erased.
    """
    wanted = {employee.pk for employee in employees}
    found = _locked(wanted)
    missing = wanted - found.keys()
    if missing:
        _make(missing)
        found |= _locked(missing)
    for key in found.values():
        data_key(key)
    return found


def data_key(key: "SubjectKey") -> bytes:
    """The data key itself, unwrapped once for each loaded row.

    :raises SubjectKeyDestroyed: when it was destroyed.
    :raises keys.LostMasterKey: when no master key is configured.
    :raises keys.WrongMasterKey: when the master key is not configured.
    :raises keys.Tampered: when the row was altered or is another company's.
    """
    if key.wrapped_key is None:
        raise SubjectKeyDestroyed(f"the data of employee:{key.employee_id} was erased")
    opened: bytes | None = key.__dict__.get(_OPENED)
    if opened is None:
        master = keys.master_key(key_id=key.master_key_id)
        opened = keys.unseal(key=master.secret, sealed=bytes(key.wrapped_key), place=place_of(key))
        key.__dict__[_OPENED] = opened
    return opened


def was_given_up(key: "SubjectKey") -> bool:
    """Whether its master key was lost and it was destroyed for that (`rekey_fields --forget-lost`), so that another may
    take its place. An erased person's only key is destroyed, too, but stays the current one."""
    return key.destroyed_at is not None and key.retired_at is not None


def wrap(*, key: "SubjectKey", secret: bytes) -> None:
    """Set the row's wrapped key under the current master key. Does not save."""
    master = keys.current_master_key()
    key.wrapped_key = keys.seal(key=master.secret, content=secret, place=place_of(key))
    key.master_key_id = master.key_id
    key.__dict__.pop(_OPENED, None)


def place_of(key: "SubjectKey") -> Place:
    """Where a wrapped key belongs."""
    return Place(
        tenant=context.tenant_id(),
        table="subject_keys",
        field="wrapped_key",
        row=str(key.pk),
        subject=str(key.employee_id),
        key="master",
    )


def fresh_key(*, employee_id: int) -> "SubjectKey":
    """A new data key of this person, wrapped and not saved."""
    from hr.models import SubjectKey

    key = SubjectKey(employee_id=employee_id, created_at=timezone.now())
    wrap(key=key, secret=keys.new_data_key())
    return key


def destroy(*, employee: "Employee", reason: str = "") -> int:
    """Make everything sealed about the person unreadable for good, by anybody. Returns how many keys went.

    The sealed rows stay; a backup from before still holds the wrapped keys, so every restore replays erasures.
    """
    from hr.models import SubjectKey

    with transaction.atomic():
        now = timezone.now()
        # Also for a person about whom nothing was sealed so far, so that nothing will be.
        tombstone = SubjectKey(employee=employee, created_at=now, destroyed_at=now)
        SubjectKey.objects.bulk_create([tombstone], ignore_conflicts=True)
        gone = SubjectKey.objects.filter(employee=employee, destroyed_at=None).update(
            wrapped_key=None, destroyed_at=now
        )
        audit.record(verb="subject_key.destroy", target=employee.actor_label, reason=reason, details={"keys": gone})
    return gone


def _locked(employee_ids: set[int]) -> "dict[int, SubjectKey]":
    from hr.models import SubjectKey

    rows = SubjectKey.objects.filter(employee_id__in=employee_ids, retired_at=None).order_by("pk").select_for_update()
    return {row.employee_id: row for row in rows}


def _make(employee_ids: set[int]) -> None:
    """New keys, unless the company's are under a master key that is not here: then the key is a wrong one, and what it
    sealed would be lost as soon as the right one is back."""
    from hr.models import SubjectKey

    used = SubjectKey.objects.filter(destroyed_at=None).values_list("master_key_id", flat=True).distinct()
    for key_id in used.order_by("master_key_id"):
        keys.master_key(key_id=key_id)
    # ON CONFLICT DO NOTHING: the constraint on one current key decides who was first.
    SubjectKey.objects.bulk_create([fresh_key(employee_id=pk) for pk in sorted(employee_ids)], ignore_conflicts=True)
