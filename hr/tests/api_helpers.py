"""Shortcuts for tests that call the API over HTTP: a client on a company's host, tokens, and hand-made tokens."""

import base64
import json
import time
from typing import Any

import jwt
from django.test import Client
from django.urls import reverse

from conftest import PASSWORD
from hr.models import Employee
from hr.tokens.claims import ISSUER
from hr.tokens.people import password_mark
from tenants import context, keys
from tenants.models import Tenant


def api(tenant: Tenant, *, token: str | None = None) -> Client:
    """A client on the tenant's host, with an access token when one is given."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return Client(headers={"host": f"{tenant.schema_name}.localhost", **headers}, raise_request_exception=False)


def post(client: Client, path: str, body: Any = None, **kwargs: Any) -> Any:
    """POST a JSON body."""
    return client.post(path, data=json.dumps({} if body is None else body), content_type="application/json", **kwargs)


def sign_in(tenant: Tenant, employee: Employee, *, password: str = PASSWORD) -> dict[str, Any]:
    response = post(api(tenant), reverse("api-token"), {"email": employee.email, "password": password})
    assert response.status_code == 200, response.content
    pair: dict[str, Any] = response.json()
    return pair


def signed_in(tenant: Tenant, employee: Employee) -> Client:
    """A client with a hand-made access token: no password is hashed, no sign-in is counted."""
    with context.enter(tenant):
        return api(tenant, token=signed(claims_of(tenant, employee)))


def claims_of(tenant: Tenant, employee: Employee, **changes: Any) -> dict[str, Any]:
    """What a good access token of this person says, with `changes`; None takes a claim out."""
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": str(tenant.uuid),
        "tenant_id": str(tenant.uuid),
        "sub": str(employee.pk),
        "email": employee.email,
        "role": employee.role,
        "ver": employee.token_version,
        "epo": tenant.token_epoch,
        "pwd": password_mark(employee),
        "jti": "0" * 32,
        "typ": "access",
        "iat": now,
        "nbf": now,
        "exp": now + 300,
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


def signed(
    claims: dict[str, Any], *, headers: dict[str, Any] | None = None, key: Any = None, alg: str = "HS256"
) -> str:
    """The claims under our own signing key, unless another key is given."""
    own = keys.signing_key()
    return jwt.encode(claims, own.secret if key is None else key, algorithm=alg, headers=headers or {"kid": own.kid})


def segment(value: Any) -> str:
    """One part of a hand-made token."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
