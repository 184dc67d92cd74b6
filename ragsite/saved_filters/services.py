"""Keeping a list's filter under a name, and dropping it."""

from django.db import transaction
from django.http import QueryDict

from audit import services as audit
from ragsite.saved_filters.models import SavedFilter

# More would fill the page above the list.
MAX_PER_LIST = 20
# Where in the list somebody was, and what a popup or the theme's own machinery adds.
_NOT_KEPT = ("p", "all", "e", "_popup", "_to_field", "_changelist_filters", "csrfmiddlewaretoken")


class TooManyFilters(ValueError):
    """There are MAX_PER_LIST already; one has to go first."""


class NothingToSave(ValueError):
    """The list is not narrowed."""


def save_filter(*, owner_id: int, page: str, name: str, query: str) -> SavedFilter:
    """Keep it; a filter of that name is replaced.

    :raises NothingToSave: when nothing is narrowed.
    :raises TooManyFilters: beyond MAX_PER_LIST.
    """
    kept = normalised(query)
    if not kept:
        raise NothingToSave("Filter or search the list first; then give it a name.")
    with transaction.atomic():
        mine = SavedFilter.objects.filter(owner_id=owner_id, page=page)
        if mine.exclude(name=name).count() >= MAX_PER_LIST:
            raise TooManyFilters(f"At most {MAX_PER_LIST} filters a list: delete one first.")
        row, _ = SavedFilter.objects.update_or_create(owner_id=owner_id, page=page, name=name, defaults={"query": kept})
        audit.record(verb="console.save_filter", target=f"filter:{row.pk}", details={"page": page})
    return row


def delete_filter(*, row: SavedFilter) -> None:
    with transaction.atomic():
        audit.record(verb="console.delete_filter", target=f"filter:{row.pk}", details={"page": row.page})
        row.delete()


def normalised(query: str) -> str:
    """The query without where in the list somebody was; empty when nothing is left."""
    given = QueryDict(query.replace("\x00", ""), mutable=True)
    for name in _NOT_KEPT:
        given.pop(name, None)
    for name in [name for name, values in given.lists() if not any(values)]:
        given.pop(name)
    return given.urlencode()
