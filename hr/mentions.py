"""Which other people a text names: as keyed digests, so that the log can count them and tells nobody who."""

import itertools
import re
from collections.abc import Iterable

from django.conf import settings
from django.db import connection
from django.utils.crypto import salted_hmac

from hr.models import Employee

_WORD = re.compile(r"[^\W\d_][\w'’-]*")
# A message with more words is a story; names stand at its beginning as well as anywhere else.
_MOST_WORDS = 400
_DIGEST_CHARS = 16
# Names are compared as `first last` and `last first`, whatever their case.
_NAMED = """
SELECT id FROM employees
WHERE lower(last_name) = ANY(%s) AND lower(first_name) = ANY(%s) AND id <> %s
  AND (lower(first_name || ' ' || last_name) = ANY(%s) OR lower(last_name || ' ' || first_name) = ANY(%s))
"""


def others_named(*, text: str, by: Employee) -> tuple[str, ...]:
    """Digests of the other people whose first and last name stand side by side in the text, however they are written.

    HR and owners work with names, and managers with those of their people: for HR and owners it is always empty, and a
    manager's own reports are left out. One query when the text has pairs of words that could be names, else none.
    """
    if by.role in (Employee.Role.HR, Employee.Role.CEO):
        return ()
    words = [word.casefold() for word in _WORD.findall(text)[:_MOST_WORDS]]
    words = [re.sub(r"['’]s?$", "", word) for word in words]
    pairs = {f"{one} {other}" for one, other in itertools.pairwise(words) if len(one) > 1 and len(other) > 1}
    if not pairs or not _could_name(text):
        return ()
    with connection.cursor() as cursor:
        cursor.execute(_NAMED, [words, words, by.pk, list(pairs), list(pairs)])
        found = {row[0] for row in cursor.fetchall()}
    if found and by.role == Employee.Role.MANAGER:
        found -= set(Employee.objects.below(by.pk).filter(pk__in=found).values_list("pk", flat=True))
    return tuple(sorted(digests_of(found)))


def digests_of(ids: Iterable[int]) -> set[str]:
    """Names for people that cannot be turned back without the installation's key."""
    company = str(connection.tenant.uuid)  # type: ignore[attr-defined]
    return {
        salted_hmac("hr.mentions", f"{company}:{one}", secret=settings.SECRET_KEY, algorithm="sha256").hexdigest()[
            :_DIGEST_CHARS
        ]
        for one in ids
    }


# Two capital letters side by side, or words about pay, absence and records: what questions about people have.
_CAPITALS = re.compile(r"[^\W\d_a-zß-öø-ÿ][\w'’-]+\s+[^\W\d_a-zß-öø-ÿ][\w'’-]+")
_ABOUT_PEOPLE = re.compile(
    r"\b(?:salary|pay|paid|payslip|paystub|earns?|bonus|leave|vacation|holiday|absent|away|sick|ill|record|file|address"
    r"|number|home|birthday|age|fired|warning|complaint|gehalt|verdient|urlaub|krank)\b",
    re.I,
)


def _could_name(text: str) -> bool:
    return _CAPITALS.search(text) is not None or _ABOUT_PEOPLE.search(text) is not None
