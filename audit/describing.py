"""Rows of the log in plain words. The log holds pseudonyms; names come from the layers above, for one page only."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from audit.models import AuditLog
from audit.verbs import words_of

# How a pseudonym reads when nobody knows its name.
_KINDS = {
    "answer": "an answer",
    "contact": "a contact",
    "conversation": "a conversation",
    "document": "a document",
    "finding": "finding",
    "generation": "search index",
    "incident": "incident",
    "leave_request": "leave request",
    "paystub": "a paystub",
    "proposal": "a proposal",
    "query": "an answer",
    "service": "service account",
    "tenant": "a company",
    "topic": "topic",
    "version": "a version",
}
_WITH_NUMBER = frozenset({"finding", "incident", "leave_request", "generation", "topic", "service"})
_ACTORS = {"system": "The system", "anonymous": "Somebody not signed in", "operator:shell": "An operator's command"}
_ERROR_NAME = re.compile(r"(?:[A-Z][a-z0-9]+){2,}")
_WORD_OF_NAME = re.compile(r"[A-Z][a-z0-9]+")


@dataclass(frozen=True)
class Described:
    """What a pseudonym stands for, and the page about it; an empty `url` when there is none for this reader."""

    text: str
    url: str = ""


@dataclass(frozen=True)
class Told:
    """A row in plain words."""

    actor: Described
    sentence: str
    target: Described


def describe(*, labels: Collection[str], user: Any, with_names: bool) -> dict[str, Described]:
    """What the pseudonyms stand for, as far as `user` may know. One query for each kind of thing.

    `with_names` False keeps people as they are: numbers. What is not described is not in the result.
    """
    found: dict[str, Described] = {}
    wanted = sorted({label for label in labels if label})
    for path in settings.STEPS["DESCRIBE_LABELS"]:
        found |= import_string(path)(labels=wanted, user=user, with_names=with_names)
    return found


def tell(*, row: AuditLog, known: Mapping[str, Described]) -> Told:
    """The row as a sentence: who did what to what. No query."""
    actor = known.get(row.actor) or Described(plain(row.actor, is_actor=True))
    target = known.get(row.target) or Described(plain(row.target))
    subject = labels_in(row.details).get("subject", "")
    about = known.get(subject) or Described(plain(subject) or target.text)
    words = words_of(row.verb)
    phrase = words.past if row.outcome == AuditLog.Outcome.SUCCESS else f"tried to {words.to}"
    if row.outcome != AuditLog.Outcome.SUCCESS and row.verb.endswith("_failed"):
        phrase = words.past
    mentioned = "themselves" if row.target and row.target == row.actor else target.text
    phrase = phrase.replace("{target}", mentioned).replace("{subject}", about.text)
    sentence = f"{actor.text} {' '.join(phrase.split())}"
    return Told(actor=actor, sentence=sentence[:1].upper() + sentence[1:], target=target)


def reason_in_words(reason: str) -> str:
    """A reason that is the name of an error, as a sentence: `SecondPersonNeeded` as "second person needed".

    What people wrote, and codes such as `not_there`, stay as they are; so does what is stored.
    """
    if not _ERROR_NAME.fullmatch(reason):
        return reason
    return " ".join(_WORD_OF_NAME.findall(reason)).lower()


def labels_of(rows: Iterable[AuditLog]) -> set[str]:
    """Every pseudonym that the rows mention."""
    found: set[str] = set()
    for row in rows:
        found |= {row.actor, row.target, *labels_in(row.details).values()}
    return found - {""}


def labels_in(details: Any) -> dict[str, str]:
    """Pseudonyms among the details, by name. Details are ours, but a page must not fail on any."""
    if not isinstance(details, dict):
        return {}
    found = {name: value for name, value in details.items() if isinstance(value, str) and ":" in value}
    if isinstance(details.get("employee"), int):
        found["employee"] = f"employee:{details['employee']}"
    return found


def plain(label: str, *, is_actor: bool = False) -> str:
    """`employee:17` as "employee 17", a document as "document 1f3c9a2b"; other long ids are left out."""
    if not label:
        return ""
    if is_actor and label in _ACTORS:
        return _ACTORS[label]
    kind, _, name = label.partition(":")
    if kind == "task":
        return f"the job {name}"
    if kind == "document" and name:
        return f"document {name[:8]}"  # enough to tell one from another on a page that knows no titles
    if kind in _KINDS:
        return f"{_KINDS[kind]} {name}" if kind in _WITH_NUMBER else _KINDS[kind]
    return f"{kind.replace('_', ' ')} {name}".strip()
