"""Secrets of programs and of operators' scripts: 256 random bits, shown once, stored as a digest.

`hrs_` is a company's service account, `hrp_` the platform's, `hro_` an operator's token. The prefix lets scanners find
one that was committed somewhere, and tells the gate where to look it up. Because the secret is random and long, a plain
SHA-256 is enough; it covers the owner, too, so that a row copied to another company opens nothing there.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["hrs", "hrp", "hro"]

_ID_BYTES = 8
_SECRET_BYTES = 32
_SHAPE = re.compile(r"(hr[spo])_([0-9a-f]{16})_([A-Za-z0-9_-]{43})", re.ASCII)


@dataclass(frozen=True)
class NewSecret:
    """`text` is for the one who asked, once; the other two are kept."""

    public_id: str
    digest: str
    text: str = field(repr=False)


@dataclass(frozen=True)
class GivenSecret:
    """What somebody sent, taken apart. Nothing about it was checked."""

    kind: str
    public_id: str
    secret: str = field(repr=False)


def make(*, kind: Kind, owner: str) -> NewSecret:
    """A new secret of `owner`: a company's id, or `platform`."""
    public_id, secret = secrets.token_hex(_ID_BYTES), secrets.token_urlsafe(_SECRET_BYTES)
    digest = digest_of(public_id=public_id, secret=secret, owner=owner)
    return NewSecret(public_id=public_id, digest=digest, text=f"{kind}_{public_id}_{secret}")


def parse(text: str) -> GivenSecret | None:
    """Its parts; None for anything that does not look like one of ours."""
    found = _SHAPE.fullmatch(text)
    return GivenSecret(*found.groups()) if found else None


def digest_of(*, public_id: str, secret: str, owner: str) -> str:
    return hashlib.sha256(f"{owner}:{public_id}:{secret}".encode()).hexdigest()
