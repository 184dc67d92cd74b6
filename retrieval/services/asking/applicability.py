"""To whom the passages apply: why they do, and what has to be asked back first."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from hr import access, attributes
from hr.access import Applicability
from hr.attributes import Attribute
from retrieval.answers import AskedBack, SearchResult
from retrieval.drafting import Draft
from retrieval.stores import answering, tables

# Passages among which the ones that decide are looked for, when no draft says which.
_BEST = 3


@dataclass(frozen=True)
class Cited:
    """What an answer keeps of a version that it cites. The dates are the first and last day in force."""

    number: int
    sha256: str
    effective_from: date | None
    effective_to: date | None
    applicability: Applicability


def versions_of(*, ids: Collection[UUID], scope: access.Scope) -> dict[UUID, Cited]:
    """Those of the versions that may answer for `scope` at this moment. One query."""
    if not ids:
        return {}
    allowed, parameters = answering.condition(scope)
    # By hand: Django took 3 ms to put this query together, and every question asks it twice.
    rows = tables.ask(
        "SELECT v.id, v.number, v.sha256, v.effective_from, v.effective_to, v.applies_countries, v.applies_sites,"  # noqa: S608 (ours)
        f" v.applies_employment_types FROM {tables.own('document_versions')} v"
        f" JOIN {tables.own('documents')} d ON d.id = v.document_id WHERE v.id = ANY(%(ids)s) AND {allowed}",
        {**parameters, "ids": list(ids)},
    )
    return {
        pk: Cited(
            number=number,
            sha256=sha256,
            effective_from=first,
            effective_to=last,
            applicability=Applicability(
                countries=frozenset(countries), sites=frozenset(sites), employment_types=frozenset(employment_types)
            ),
        )
        for pk, number, sha256, first, last, countries, sites, employment_types in rows
    }


def to_ask_back(
    *, result: SearchResult, draft: Draft, versions: Mapping[UUID, Cited], scope: access.Scope
) -> AskedBack | None:
    """The first attribute that the record lacks and on which the answer depends; None when it can be given.

    Depends: a version that the draft quotes, or without a draft one of the best passages, is for some values only.
    """
    deciding = [citation.version_id for citation in draft.citations]
    deciding = deciding or [passage.version_id for passage in result.passages[:_BEST]]
    found = [versions[version_id].applicability for version_id in deciding if version_id in versions]
    missing = {name for one in found for name in access.unknown_attributes(scope=scope, applicability=one)}
    name = next((name for name in attributes.NAMES if name in missing), None)
    if name is None:
        return None
    # Offered is what the found passages differ by, also those that did not make it into the draft.
    keys = {key for passage in result.passages for key in _keys(versions, passage.version_id, name)}
    return AskedBack(name=name, options=attributes.attributes(name=name, keys=keys))


def why_it_applies(*, draft: Draft, versions: Mapping[UUID, Cited], scope: access.Scope) -> tuple[Attribute, ...]:
    """The attributes by which the cited versions were chosen for this person."""
    own = {
        "country": scope.policy_country,
        "site": scope.policy_site,
        "employment_type": scope.policy_employment_type,
    }
    chosen: dict[str, bool] = defaultdict(bool)
    for citation in draft.citations:
        for name in own:
            chosen[name] |= bool(_keys(versions, citation.version_id, name))
    return tuple(attributes.attribute(name=name, key=key) for name, key in own.items() if key and chosen[name])


def _keys(versions: Mapping[UUID, Cited], version_id: UUID, name: str) -> Collection[str]:
    if version_id not in versions:
        return ()
    found = versions[version_id].applicability
    return {"country": found.countries, "site": found.sites, "employment_type": found.employment_types}[name]
