"""Changing keys under what is sealed: data keys under another master key, values under other data keys."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.utils import timezone

from audit import services as audit
from hr import keys, subject_keys
from hr.fields import EncryptedField
from hr.models import SubjectKey

# Keys rewrapped in one transaction: a fraction of a second, so that nobody waits for a lock.
BATCH_KEYS = 200


@dataclass(frozen=True)
class KeyCounts:
    """The company's data keys: under the current master key, under older known ones, and destroyed."""

    current: int
    older: int
    destroyed: int


@dataclass(frozen=True)
class Rotated:
    """What one person's new data key covers."""

    rows: int
    values: int


class KeysUnreadable(keys.KeyUnavailable):
    """Some data keys cannot be opened; nothing was changed."""

    def __init__(self, message: str, *, count: int) -> None:
        self.count = count
        super().__init__(message)


def examine() -> KeyCounts:
    """Open every data key of the current company, and change nothing. One query.

    :raises keys.LostMasterKey: when no master key is configured.
    :raises KeysUnreadable: when any key cannot be opened, with how many and under which master keys.
    """
    current_id, known = keys.current_master_key().key_id, keys.master_keys()
    current = older = destroyed = tampered = 0
    unknown: dict[str, int] = {}
    for key in SubjectKey.objects.order_by("pk").iterator(chunk_size=1000):
        if key.wrapped_key is None:
            destroyed += 1
        elif key.master_key_id not in known:
            unknown[key.master_key_id] = unknown.get(key.master_key_id, 0) + 1
        else:
            tampered += not _opens(key)
            current += key.master_key_id == current_id
            older += key.master_key_id != current_id
    if unknown:
        names = ", ".join(f"{key_id} ({count})" for key_id, count in sorted(unknown.items()))
        raise KeysUnreadable(
            f"data keys are wrapped by master keys that are not configured: {names}; configured: {', '.join(known)}",
            count=sum(unknown.values()),
        )
    if tampered:
        raise KeysUnreadable(f"{tampered} data keys were altered or are not of this company", count=tampered)
    return KeyCounts(current=current, older=older, destroyed=destroyed)


def rewrap(*, reason: str = "", progress: Callable[[int], None] | None = None) -> int:
    """Wrap every data key under the current master key; returns how many were moved. What is sealed stays as it is.

    In batches, each with its audit row in one transaction; after an interruption it goes on where it stopped. Each new
    wrapping is opened and compared before it is kept. `progress` is told how many are done.

    :raises KeysUnreadable: before anything is changed, when any key cannot be opened.
    """
    examine()
    current_id = keys.current_master_key().key_id
    done = 0
    while moved := _rewrap_batch(current_id, reason):
        done += moved
        if progress is not None:
            progress(done)
    return done


def people_to_rotate(*, made_before: datetime) -> list[int]:
    """Ids of the people whose current data key is older, or who still have rows under a retired one."""
    living = SubjectKey.objects.filter(destroyed_at=None)
    retired = living.exclude(retired_at=None).exclude(seals_audit=True)
    old = living.filter(retired_at=None, created_at__lt=made_before) | retired
    return sorted(set(old.values_list("employee_id", flat=True)))


def rotate_data_key(*, employee_id: int, reason: str = "") -> Rotated:
    """Give one person a new data key and seal everything about them under it, in one transaction. Audited.

    Every value is read back and compared before the old key is deleted; a copy of the old key opens nothing any more,
    but for personal content of audit rows, which nothing can change; their key stays, retired.

    :raises keys.KeyUnavailable: one of its kinds, when a value cannot be opened; nothing is changed then.
    """
    with transaction.atomic():
        old = list(
            SubjectKey.objects.filter(employee_id=employee_id, destroyed_at=None).order_by("pk").select_for_update()
        )
        if not old:
            return Rotated(rows=0, values=0)
        SubjectKey.objects.filter(pk__in=[key.pk for key in old], retired_at=None).update(retired_at=timezone.now())
        new = subject_keys.fresh_key(employee_id=employee_id)
        new.save(force_insert=True)
        rows = values = 0
        for model, fields in sealed_models():
            done, sealed = _reseal(model, fields, old=old, new=new)
            rows, values = rows + done, values + sealed
        # Nothing else opens what the audit log keeps about the person: its rows cannot be sealed anew.
        SubjectKey.objects.filter(pk__in=[key.pk for key in old], seals_audit=False).delete()
        audit.record(
            verb="subject_key.rotate",
            target=f"employee:{employee_id}",
            reason=reason,
            details={"rows": rows, "values": values},
        )
    return Rotated(rows=rows, values=values)


def forget_lost(*, reason: str) -> int:
    """Give up what was sealed under master keys that are not configured: those data keys are destroyed. Audited.

    For a master key that is lost for good. The sealed rows stay and open for nobody; the people get new keys.
    """
    known = keys.master_keys()
    with transaction.atomic():
        now = timezone.now()
        lost = SubjectKey.objects.filter(destroyed_at=None).exclude(master_key_id__in=known)
        # Retired as well: it was a loss and not an erasure, so the person may have a new key.
        count = lost.update(wrapped_key=None, destroyed_at=now, retired_at=now)
        audit.record(verb="subject_key.forget_lost", reason=reason, details={"keys": count})
    return count


def sealed_models() -> list[tuple[type[models.Model], list[EncryptedField]]]:
    """Every model with sealed fields, and those fields."""
    found = [
        (model, [field for field in model._meta.concrete_fields if isinstance(field, EncryptedField)])
        for model in apps.get_models()
    ]
    return [(model, fields) for model, fields in found if fields]


def _rewrap_batch(current_id: str, reason: str) -> int:
    with transaction.atomic():
        batch = list(
            SubjectKey.objects.filter(destroyed_at=None)
            .exclude(master_key_id=current_id)
            .order_by("pk")
            .select_for_update()[:BATCH_KEYS]
        )
        if not batch:
            return 0
        before = sorted({key.master_key_id for key in batch})
        for key in batch:
            secret = subject_keys.data_key(key)
            subject_keys.wrap(key=key, secret=secret)
            if subject_keys.data_key(key) != secret:
                raise keys.Tampered(f"data key {key.pk} does not open under the new master key")
        SubjectKey.objects.bulk_update(batch, ["wrapped_key", "master_key_id"])
        audit.record(
            verb="subject_key.rewrap", reason=reason, details={"keys": len(batch), "from": before, "to": current_id}
        )
    return len(batch)


def _opens(key: SubjectKey) -> bool:
    try:
        subject_keys.data_key(key)
    except keys.Tampered:
        return False
    return True


def _reseal(
    model: type[models.Model], fields: list[EncryptedField], *, old: list[SubjectKey], new: SubjectKey
) -> tuple[int, int]:
    """One UPDATE for each row, and one query to read them all back. Returns how many rows and values."""
    names = [field.attname for field in fields]
    under = model._default_manager.select_related("subject_key").order_by("pk")
    before: dict[Any, list[Any]] = {}
    row: Any
    for row in under.filter(subject_key__in=old).select_for_update(of=("self",)):
        before[row.pk] = [getattr(row, name) for name in names]
        row.subject_key = new
        for name, value in zip(names, before[row.pk], strict=True):
            setattr(row, name, value)
        row.save(update_fields=["subject_key", *names])
    after = {row.pk: [getattr(row, name) for name in names] for row in under.filter(pk__in=before)}
    if after != before:
        raise keys.Tampered(f"{model._meta.db_table}: a row does not open as it was sealed")
    return len(before), sum(value is not None for kept in before.values() for value in kept)
