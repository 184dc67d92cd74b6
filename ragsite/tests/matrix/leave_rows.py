"""Leave: pages, API and admin. Nobody decides on their own request, so "own" is not there where decisions are made."""

from datetime import date

from ragsite.tests.matrix.rows import Row

_NEXT_YEAR = date.today().year + 1
_WISH = {"type": "unpaid", "first_day": f"{_NEXT_YEAR}-06-01", "last_day": f"{_NEXT_YEAR}-06-07"}

PAGES = (
    Row("leave/", get="sign-in 200 200", post="405 405 405"),
    Row("leave/request/", get="sign-in 200 200", post="sign-in 422 422"),
    Row("leave/<int:request_id>/cancel/", get="sign-in 200 200 | 404", post="sign-in moved moved | 404"),
    Row("leave/<int:request_id>/decide/", get="sign-in 404 404 | 404", post="sign-in 404 404 | 404"),
    Row("leave/team/", get="sign-in 200 200", post="405 405 405"),
    Row("leave/team/delegate/", get="405 405 405", post="sign-in 422 422"),
    Row("leave/team/delegations/<int:delegation_id>/end/", get="405 405 405", post="sign-in moved moved | 404"),
)

API = (
    # No country on record, so no policy.
    Row("api/v1/leave/balance", get="401 409 409", post="401 405 405"),
    Row("api/v1/leave/requests", get="401 200 200", post="401 201 201", body=_WISH),
    Row("api/v1/leave/requests/<int:request_id>/cancel", get="401 405 405", post="401 200 200 | 404"),
    Row("api/v1/leave/requests/<int:request_id>/approve", get="401 405 405", post="401 404 404 | 404"),
    Row("api/v1/leave/requests/<int:request_id>/reject", get="401 405 405", post="401 404 404 | 404"),
    Row("api/v1/leave/team", get="401 200 200", post="401 405 405"),
)

_TYPE = {"name": "Another", "code": "another", "position": "9"}
_POLICY = {
    "country": "PL",
    "from_year": "2026",
    "annual_days": "20",
    "accrual": "yearly",
    "rounding": "none",
    "carry_over_max_days": "0",
    "waiting_months": "0",
}
_HOLIDAY = {"country": "PL", "day": "2026-06-01", "is_holiday": "on", "name": "Another"}
_WEEK = {
    "monday": "0",
    "tuesday": "1",
    "wednesday": "1",
    "thursday": "1",
    "friday": "1",
    "saturday": "1",
    "sunday": "0",
}
_SHOWN, _MOVED, _REFUSED = "login login 200 | moved", "login login moved | moved", "login login 403"

# Model, its body for a change ("" where rows are not changed), what adding answers to GET and POST, actions of a row.
_MODELS: tuple[tuple[str, dict[str, str] | None, tuple[str, str], tuple[str, ...]], ...] = (
    ("leavetype", _TYPE, ("200", "moved"), ()),
    ("leavepolicy", _POLICY, ("200", "moved"), ()),
    ("holidaychange", _HOLIDAY, ("200", "moved"), ("remove",)),
    # Whom it is about is missing in the body.
    ("workingweek", _WEEK, ("200", "200"), ()),
    ("leaveentitlement", None, ("200", "200"), ("withdraw",)),
    ("leaverequest", None, ("403", "403"), ("approve", "reject", "cancel")),
)


def _admin(
    model: str, body: dict[str, str] | None, adding: tuple[str, str], actions: tuple[str, ...]
) -> tuple[Row, ...]:
    base = f"admin/hr/{model}/"
    row = f"{base}<path:object_id>/"
    return (
        Row(base, get="login login 200", post="login login 200"),
        Row(f"{base}add/", get=f"login login {adding[0]}", post=f"login login {adding[1]}", body=body or {}),
        Row(f"{row}history/", get=_MOVED, post=_MOVED),
        Row(f"{row}delete/", get=_REFUSED, post=_REFUSED),
        Row(f"{row}change/", get=_SHOWN, post=_REFUSED if body is None else _MOVED, body=body or {}),
        Row(row, get=_MOVED, post=_MOVED),
        *(Row(f"{row}{action}/", get=_SHOWN, post=_MOVED) for action in actions),
    )


def _platform(model: str, actions: tuple[str, ...]) -> tuple[Row, ...]:
    base = f"admin/hr/{model}/"
    row = f"{base}<path:object_id>/"
    refused = [base, f"{base}add/", *(f"{row}{last}/" for last in ("history", "delete", "change", *actions))]
    return (
        *(Row(route, get="login 403", post="login 403") for route in refused),
        Row(row, get="login moved | moved", post="login moved | moved"),
    )


ADMIN = tuple(row for model in _MODELS for row in _admin(*model))
PLATFORM = tuple(row for model, _, _, actions in _MODELS for row in _platform(model, actions))
