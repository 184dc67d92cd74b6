"""What decides whether a version's passages may answer somebody, as plain values beside its points.

PostgreSQL needs no copy (see `answering`); a store of its own does, and this is what it keeps.
"""

import hashlib
from dataclasses import dataclass
from datetime import date

from documents import rights
from documents.models import DocumentVersion
from hr.access import Applicability, Audience

_State, _Publication = DocumentVersion.State, DocumentVersion.Publication


@dataclass(frozen=True)
class PointFilter:
    """Whom a version is for, to whom it applies, and on which days. No first day: it is in force on none.

    `is_published` is true once the version is ready besides, so nothing is found before its ingestion is complete.
    """

    audience: Audience
    applicability: Applicability
    is_published: bool
    effective_from: date | None
    effective_to: date | None

    @property
    def digest(self) -> str:
        """Equal filters, equal digests; in every process."""
        return hashlib.sha256(_written(self).encode()).hexdigest()[:32]


def filter_of(version: DocumentVersion) -> PointFilter:
    """The filter of a version. Costs no query when its document is loaded."""
    return PointFilter(
        audience=rights.audience_of(version.document),
        applicability=rights.applicability_of(version),
        is_published=(version.state, version.publication) == (_State.READY, _Publication.PUBLISHED),
        effective_from=version.effective_from,
        effective_to=version.effective_to,
    )


def _written(filter_: PointFilter) -> str:
    """Every value by name; sets in order."""
    parts = [repr((filter_.is_published, str(filter_.effective_from), str(filter_.effective_to)))]
    for group in (filter_.audience, filter_.applicability):
        values = vars(group)
        parts += [f"{name}={sorted(v) if isinstance(v, frozenset) else v!r}" for name, v in sorted(values.items())]
    return ";".join(parts)
