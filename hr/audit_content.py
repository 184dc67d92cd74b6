"""Personal content of audit rows, sealed under its subject's key: gone for good when that key is destroyed."""

import json

from hr import keys, subject_keys
from hr.keys import Place
from hr.models import Employee, SubjectKey
from tenants import context


class NoSuchSubject(ValueError):
    """The content has no person of this company as its subject, so there is no key to seal it under."""


def seal(*, subject: str, content: dict[str, str]) -> tuple[str, bytes]:
    """The key's id and the ciphertext. Locks the person's key row until the transaction ends. Two queries.

    :raises NoSuchSubject: when `subject` is no employee's audit label, or that employee is not there.
    :raises hr.keys.KeyUnavailable: one of its kinds, when nothing can be sealed; nothing can be about an erased person.
    """
    kind, _, number = subject.partition(":")
    person = Employee.objects.filter(pk=number).first() if kind == "employee" and number.isdecimal() else None
    if person is None:
        raise NoSuchSubject(f"{subject!r} is no employee of this company")
    key = subject_keys.current_keys(employees=[person])[person.pk]
    if not key.seals_audit:
        SubjectKey.objects.filter(pk=key.pk).update(seals_audit=True)
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return str(key.pk), keys.seal(key=subject_keys.data_key(key), content=text.encode(), place=_place(key))


def unseal(*, key_id: str, sealed: bytes) -> dict[str, str]:
    """The content.

    :raises hr.keys.KeyUnavailable: one of its kinds, when the key is gone or the ciphertext is not of this company.
    """
    key = SubjectKey.objects.filter(pk=key_id).first()
    if key is None:
        raise keys.KeyUnavailable(f"data key {key_id} is not here: the content cannot be opened")
    content: dict[str, str] = json.loads(keys.unseal(key=subject_keys.data_key(key), sealed=sealed, place=_place(key)))
    return content


def _place(key: SubjectKey) -> Place:
    """Without the row: its number is known after sealing only. The chain binds the ciphertext to its row."""
    return Place(
        tenant=context.tenant_id(),
        table="audit_logs",
        field="sealed_content",
        row="",
        subject=str(key.employee_id),
        key=str(key.pk),
    )
