"""What is said when sealed data cannot be opened: to its person, and to who can do something about it."""

from hr import keys
from hr.subject_keys import SubjectKeyDestroyed


def for_person(error: keys.KeyUnavailable) -> str:
    """For the person whose data it is."""
    if isinstance(error, SubjectKeyDestroyed):
        return "This pay record was erased and can no longer be read by anybody: its key was destroyed on purpose."
    if isinstance(error, keys.Tampered):
        return (
            "A stored pay record does not fit its seal, so it is not shown: better nothing than a wrong amount. "
            "Please tell HR; nothing that you can do here changes it."
        )
    return (
        "The key that opens pay records is not available right now. Nothing was changed. "
        "Please try again later, and tell HR when it lasts."
    )


def for_staff(error: keys.KeyUnavailable) -> str:
    """For HR, with what to tell the operator."""
    if isinstance(error, SubjectKeyDestroyed):
        return "This person's data was erased: what was sealed about them cannot be read, and nothing new be sealed."
    if isinstance(error, keys.Tampered):
        return (
            f"Not shown, because it does not fit its seal: {error}. "
            "Tell the operator; a row was changed or restored outside the product."
        )
    return f"Nothing was changed. Tell the operator: {error}."
