"""What an operator finds on the first day: whom to call."""

from ragsite import contacts
from ragsite.models import OnCallContact

_CONTACTS = (
    ("on_call", "Platform on-call", "+00 555 0100, channel #platform-on-call", "", True),
    ("database", "Database team", "dba@platform.example", "Monday to Friday, 8 to 18 h UTC", False),
    ("security", "Security team", "security@platform.example, +00 555 0199", "", False),
)


def seed() -> int:
    """Add the contacts that are missing; returns how many."""
    new = 0
    for kind, name, reach, hours, on_error_pages in _CONTACTS:
        if not OnCallContact.objects.filter(kind=kind, name=name).exists():
            row = OnCallContact(kind=kind, name=name, reach=reach, hours=hours, on_error_pages=on_error_pages)
            contacts.save_contact(row=row)
            new += 1
    return new
