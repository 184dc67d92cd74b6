"""A checked file between its preview and the click that imports it: kept in the file store, one for each person."""

import hashlib
from datetime import datetime, timedelta

from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from hr.models import Employee
from tenants import context

# Long enough to read a preview; then the file, which is full of personal data, goes.
_MAX_AGE = timedelta(hours=1)
_FOLDER = "imports"


class PendingGone(LookupError):
    """The checked file is not there any more: too old, replaced by another one, or somebody else's."""


def keep(*, content: bytes, by: Employee) -> str:
    """Put the file aside; a former one of this person goes. Returns what fetches it: for them only, for an hour."""
    forget(by=by)
    default_storage.save(_key(by), ContentFile(content))
    return signing.dumps({"sha256": _digest(content), "by": by.pk}, salt=_salt())


def fetch(*, token: str, by: Employee) -> bytes:
    """The very file that was checked.

    :raises PendingGone: when it is not there, or not this one.
    """
    try:
        said = signing.loads(token, salt=_salt(), max_age=_MAX_AGE)
        with default_storage.open(_key(by)) as stored:
            content: bytes = stored.read()
    except (signing.BadSignature, FileNotFoundError):
        raise PendingGone from None
    if said != {"sha256": _digest(content), "by": by.pk}:
        raise PendingGone
    return content


def forget(*, by: Employee) -> None:
    """Remove what this person left, if anything."""
    default_storage.delete(_key(by))


def forget_old(*, now: datetime) -> int:
    """Remove the files that nobody came back for, of the current company; how many."""
    folder = context.object_key(_FOLDER)
    try:
        _, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return 0
    keys = [f"{folder}/{name}" for name in names]
    old = [key for key in keys if default_storage.get_modified_time(key) < now - _MAX_AGE]
    for key in old:
        default_storage.delete(key)
    return len(old)


def _key(by: Employee) -> str:
    return context.object_key(_FOLDER, str(by.pk))


def _salt() -> str:
    return f"hr.imports:{context.tenant_id()}"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
