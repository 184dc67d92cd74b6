"""From a provider's claims to what we keep about a person: plain values, nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# What may be taken from a provider, and how long it may be in a record.
ATTRIBUTES: Mapping[str, int] = {
    "first_name": 150,
    "last_name": 150,
    "department": 100,
    "country": 2,
    "site": 100,
    "employment_type": 16,
    "grade": 32,
    "language": 8,
}
# Owners are made by owners.
GIVEN_ROLES = ("employee", "manager", "hr")


@dataclass(frozen=True)
class ProviderClaims:
    """What the provider says of whoever signed in. `email` is empty unless it says that it has verified the address."""

    issuer: str
    subject: str
    email: str
    role: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    auth_time: float | None = None


def from_token(
    claims: Mapping[str, Any],
    *,
    attribute_claims: Mapping[str, str],
    role_claim: str,
    role_values: Mapping[str, str],
) -> ProviderClaims:
    """The values that the company's mapping takes from an id token; what does not fit a record is left out."""
    # Some providers write the flag as text. Not `in (True, ...)`: 1 is equal to True, and nobody's word for it.
    flag = claims.get("email_verified")
    verified = flag is True or flag == "true"
    email = claims.get("email")
    named = {"first_name": "given_name", "last_name": "family_name", **attribute_claims}
    attributes = {name: _text(claims.get(claim), ATTRIBUTES[name]) for name, claim in named.items() if claim}
    auth_time = claims.get("auth_time")
    return ProviderClaims(
        issuer=claims["iss"],
        subject=claims["sub"],
        email=email.strip().lower() if verified and isinstance(email, str) and len(email) <= 254 else "",
        role=_role(claims.get(role_claim) if role_claim else None, role_values),
        attributes={name: value for name, value in attributes.items() if value},
        auth_time=float(auth_time) if isinstance(auth_time, int | float) else None,
    )


def _text(value: Any, length: int) -> str:
    if not isinstance(value, str):
        return ""
    tidy = " ".join(value.split())
    return tidy if 0 < len(tidy) <= length and tidy.isprintable() else ""


def _role(value: Any, role_values: Mapping[str, str]) -> str:
    """The strongest role that one of the values stands for; empty when none does."""
    given = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    roles = {role_values.get(each) for each in given if isinstance(each, str)}
    return next((role for role in reversed(GIVEN_ROLES) if role in roles), "")
