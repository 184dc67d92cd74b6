"""Sessions, tokens, keys and service accounts: companies' hosts, then the platform's."""

from ragsite.tests.matrix import token_world
from ragsite.tests.matrix.audited import Nothing, leaves
from ragsite.tests.matrix.rows import Row

_KEY = "admin/tenants/signingkey/<path:object_id>/"
_COMPANY = "admin/tenants/tenant/<path:object_id>/"
_PERSON = "admin/hr/employee/<path:object_id>/"
_ACCOUNT = "admin/hr/serviceaccount/"
_PLATFORM_ACCOUNT = "admin/tenants/platformserviceaccount/"
_PROGRAM = Nothing("a program, nobody's data")
_REASON = {"reason": "for the route matrix"}
_NEW = {**_REASON, "name": "Another", "scopes": ["documents:read"], "role": "employee", "days": "90"}
_ROTATION = {**_REASON, "confirmed": "1", "days": "90", "overlap_hours": "0"}
_CLOSED = {"get": "login login 403", "post": "login login 403"}
_CLOSED_ON_PLATFORM = {"get": "login 403", "post": "login 403"}

PAGES = (
    Row(
        "account/security/sessions/end/",
        get="405 405 405",
        post="sign-in moved moved",
        audit={"POST": leaves("session.end {by}", by="bob", given=token_world.another_place)},
    ),
    Row(
        "account/security/sessions/end-others/",
        get="405 405 405",
        post="sign-in moved moved",
        audit={"POST": "session.end {by}"},
    ),
)

API = (
    Row(
        "api/v1/sessions",
        get="401 200 200",
        post="401 405 405",
        audit={"GET": Nothing("where one is signed in oneself")},
    ),
    Row("api/v1/sessions/end", get="401 405 405", post="401 404 404", body={"ref": "browser:1"}),
    Row(
        "api/v1/employees/<int:employee_id>/revoke-tokens",
        get="401 403 405",
        post="401 403 200 | 404",
        body=_REASON,
        audit={"POST": "employee.revoke_tokens employee:{employee}"},
    ),
    Row(
        "api/v1/service-accounts",
        get="401 403 200",
        post="401 403 201",
        body={**_NEW, "days": 90},
        audit={"GET": _PROGRAM, "POST": "service_account.create service:*"},
    ),
    Row(
        "api/v1/service-accounts/<int:account_id>/rotate",
        get="401 403 405",
        post="401 403 200 | 404",
        body=_REASON,
        audit={"POST": "service_account.rotate service:{account}"},
    ),
    Row(
        "api/v1/service-accounts/<int:account_id>/revoke",
        get="401 403 405",
        post="401 403 200 | 404",
        body=_REASON,
        audit={"POST": "service_account.revoke service:{account}"},
    ),
)


def _accounts(base: str, *, nobody: str, id_name: str, label: str) -> tuple[Row, ...]:
    """The pages of one console; `nobody` is the words for those who do not get in."""
    row = f"{base}<path:object_id>/"
    moved = {"get": f"{nobody} moved | moved", "post": f"{nobody} moved | moved"}
    target = f"{label}{{{id_name}}}"
    return (
        Row(base, get=f"{nobody} 200", post=f"{nobody} 200", audit=_PROGRAM),
        Row(
            f"{base}add/",
            get=f"{nobody} 200",
            post=f"{nobody} 200",
            body={**_NEW, "scopes": ["documents:read" if id_name == "serviceaccount" else "tenants:read"]},
            audit={"GET": Nothing("an empty form"), "POST": f"service_account.create {label}*"},
        ),
        Row(f"{row}history/", **moved),
        Row(f"{row}delete/", get=f"{nobody} 403", post=f"{nobody} 403"),
        Row(f"{row}change/", get=f"{nobody} 200 | moved", post=f"{nobody} 403", audit={"GET": _PROGRAM}),
        Row(row, **moved),
        Row(
            f"{row}rotate/",
            get=f"{nobody} 200 | moved",
            post=f"{nobody} 200 | moved",
            body=_ROTATION,
            audit={"GET": _PROGRAM, "POST": f"service_account.rotate {target}"},
        ),
        Row(
            f"{row}take-over/",
            get=f"{nobody} 200 | moved",
            post=f"{nobody} moved | moved",
            audit={"GET": _PROGRAM, "POST": f"service_account.take_over {target}"},
        ),
        Row(
            f"{row}revoke/",
            get=f"{nobody} 200 | moved",
            post=f"{nobody} moved | moved",
            audit={"GET": _PROGRAM, "POST": f"service_account.revoke {target}"},
        ),
    )


def _closed(base: str, words: dict[str, str], *, moved: str) -> tuple[Row, ...]:
    """The same routes on the other kind of host, where they are there for nobody."""
    row = f"{base}<path:object_id>/"
    refused = [base, f"{base}add/", *(f"{row}{last}/" for last in ("history", "delete", "change"))]
    refused += [f"{row}{action}/" for action in ("rotate", "take-over", "revoke")]
    return (*(Row(route, **words) for route in refused), Row(row, get=moved, post=moved))


ADMIN = (
    *(Row(f"{_KEY}{action}/", **_CLOSED) for action in ("rotate", "rotate-in-emergency", "revoke-key")),
    Row(f"{_COMPANY}revoke-tokens/", **_CLOSED),
    Row(
        f"{_PERSON}end-sessions/",
        get="login login 200 | moved",
        post="login login 200 | moved",
        audit={
            "GET": "employee.read employee:{employee}",
            "POST": leaves("session.end employee:*", shown_by="hr/tests/test_signed_in_console.py"),
        },
    ),
    Row(
        f"{_PERSON}revoke-tokens/",
        get="login login 200 | moved",
        post="login login moved | moved",
        audit={"GET": "employee.read employee:{employee}", "POST": "employee.revoke_tokens employee:{employee}"},
    ),
    *_accounts(_ACCOUNT, nobody="login login", id_name="serviceaccount", label="service:"),
    *_closed(_PLATFORM_ACCOUNT, _CLOSED, moved="login login moved | moved"),
)

# Nobody's session counts below /api/; tokens have their own tests (test_platform_api.py, test_hostile_tokens.py).
_API = "api/v1/platform/"
PLATFORM = (
    Row(
        "account/security/sessions/end/",
        get="405 405",
        post="login moved",
        audit={"POST": leaves("session.end {by}", given=token_world.another_place_of_the_operator)},
    ),
    Row(
        "account/security/sessions/end-others/",
        get="405 405",
        post="login moved",
        audit={"POST": "session.end {by}"},
    ),
    Row("api/", get="404 404", post="404 404"),
    Row(
        f"{_API}auth/token",
        post="400 400",
        audit=leaves(
            "token.sign_in operator:*",
            shown_by="tenants/tests/test_platform_api.py::test_operator_signs_in_uses_and_ends_a_token",
        ),
    ),
    Row(f"{_API}auth/logout", post="401 401"),
    Row(f"{_API}service-accounts", get="401 401", post="401 401"),
    Row(f"{_API}service-accounts/<int:account_id>/rotate", post="401 401"),
    Row(f"{_API}service-accounts/<int:account_id>/revoke", post="401 401"),
    Row(f"{_API}keys", get="401 401"),
    Row(f"{_API}keys/rotate", post="401 401"),
    Row(f"{_API}keys/<str:kid>/revoke", post="401 401"),
    Row(f"{_API}tokens/revoke", post="401 401"),
    Row(f"{_API}schema/", get="200 200", post="405 405", audit=Nothing("the description of the API")),
    Row(
        f"{_KEY}rotate/",
        get="login 200 | moved",
        post="login moved | moved",
        audit={"GET": Nothing("asks first"), "POST": "signing_key.rotate key:*"},
    ),
    Row(
        f"{_KEY}rotate-in-emergency/",
        get="login 200 | moved",
        post="login moved | moved",
        audit={"GET": Nothing("asks first"), "POST": "signing_key.rotate key:*"},
    ),
    Row(
        f"{_KEY}revoke-key/",
        get="login 200 | moved",
        post="login moved | moved",
        audit={
            "GET": Nothing("asks first"),
            "POST": leaves("signing_key.revoke key:*", shown_by="tenants/tests/test_rotation.py"),
        },
    ),
    Row(
        f"{_COMPANY}revoke-tokens/",
        get="login 200 | moved",
        post="login moved | moved",
        audit={"GET": Nothing("asks first; names a company"), "POST": "tenant.revoke_tokens tenant:*"},
    ),
    Row(f"{_PERSON}end-sessions/", **_CLOSED_ON_PLATFORM),
    Row(f"{_PERSON}revoke-tokens/", **_CLOSED_ON_PLATFORM),
    *_accounts(_PLATFORM_ACCOUNT, nobody="login", id_name="platformserviceaccount", label="service:platform:"),
    *_closed(_ACCOUNT, _CLOSED_ON_PLATFORM, moved="login moved | moved"),
)
