"""Leave: pages, API and admin. Nobody decides on their own request, so "own" is not there where decisions are made."""

from datetime import date

from ragsite.tests.matrix import deeds
from ragsite.tests.matrix.audited import Declared, Nothing, leaves
from ragsite.tests.matrix.rows import Row

_NEXT_YEAR = date.today().year + 1
_WISH = {"type": "unpaid", "first_day": f"{_NEXT_YEAR}-06-01", "last_day": f"{_NEXT_YEAR}-06-07"}
# The same as the page's form sends it.
_FORM = {"type_code": _WISH["type"], "first_day": _WISH["first_day"], "last_day": _WISH["last_day"]}

PAGES = (
    Row("leave/", get="sign-in 200 200", post="405 405 405", audit={"GET": "leave.read_own {by}"}),
    Row(
        "leave/request/",
        get="sign-in 200 200",
        post="sign-in 422 422",
        audit={
            "GET": Nothing("an empty form"),
            "POST": (
                leaves("leave.read_own {by}", body=_FORM, answers="200"),
                leaves("leave.request leave_request:*", body={**_FORM, "send": "1"}, answers="moved"),
            ),
        },
    ),
    Row(
        "leave/<int:request_id>/cancel/",
        get="sign-in 200 200 | 404",
        post="sign-in moved moved | 404",
        audit={
            "GET": Nothing("asks before it cancels the own request"),
            "POST": "leave.cancel leave_request:{request}",
        },
    ),
    Row(
        "leave/<int:request_id>/decide/",
        get="sign-in 404 404 | 404",
        post="sign-in 404 404 | 404",
        audit={
            "GET": leaves(
                "leave.read leave_request:{request}", by="alice", given=deeds.request_of_doras, answers="200"
            ),
            "POST": leaves(
                "leave.approve leave_request:{request}", by="alice", given=deeds.request_of_doras, answers="moved"
            ),
        },
        refused={"POST": "leave.approve leave_request:*"},
    ),
    Row("leave/team/", get="sign-in 200 200", post="405 405 405", audit={"GET": "leave.team"}),
    Row(
        "leave/team/delegate/",
        get="405 405 405",
        post="sign-in 422 422",
        audit={
            "POST": (
                leaves("leave.team", by="dave", answers="422"),
                leaves("leave.delegate {by}", by="dave", given=deeds.stand_in, answers="moved"),
            )
        },
    ),
    Row(
        "leave/team/delegations/<int:delegation_id>/end/",
        get="405 405 405",
        post="sign-in moved moved | 404",
        audit={"POST": "leave.revoke_delegation {by}"},
    ),
)

API = (
    # No country on record, so no policy.
    Row(
        "api/v1/leave/balance",
        get="401 409 409",
        post="401 405 405",
        audit={"GET": leaves("leave.read_own {by}", given=deeds.country, answers="200")},
    ),
    Row(
        "api/v1/leave/requests",
        get="401 200 200",
        post="401 201 201",
        body=_WISH,
        audit={
            "GET": "leave.read_own {by}",
            "POST": (
                leaves("leave.request leave_request:*"),
                leaves("leave.read_own {by}", body={**_WISH, "dry_run": True}, answers="200"),
            ),
        },
    ),
    Row(
        "api/v1/leave/requests/<int:request_id>/cancel",
        get="401 405 405",
        post="401 200 200 | 404",
        audit={"POST": "leave.cancel leave_request:{request}"},
    ),
    Row(
        "api/v1/leave/requests/<int:request_id>/approve",
        get="401 405 405",
        post="401 404 404 | 404",
        audit={
            "POST": leaves(
                "leave.approve leave_request:{request}", by="alice", given=deeds.request_of_doras, answers="200"
            )
        },
        refused={"POST": "leave.approve leave_request:*"},
    ),
    Row(
        "api/v1/leave/requests/<int:request_id>/reject",
        get="401 405 405",
        post="401 404 404 | 404",
        audit={
            "POST": leaves(
                "leave.reject leave_request:{request}",
                by="alice",
                body={"reason": "for the route matrix"},
                given=deeds.request_of_doras,
                answers="200",
            )
        },
        refused={"POST": "leave.reject leave_request:*"},
    ),
    Row("api/v1/leave/team", get="401 200 200", post="401 405 405", audit={"GET": "leave.team"}),
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


# What their pages leave in the audit log: the list, one row, adding, changing, the actions of a row.
_RULES = Nothing("rules, nobody's data")
_AUDIT: dict[str, dict[str, Declared]] = {
    "leavetype": {
        "add": "leave.save_type leave_type:*",
        "change": "leave.save_type leave_type:{leavetype}",
    },
    "leavepolicy": {
        "add": "leave.save_policy leave_policy:*",
        "change": "leave.save_policy leave_policy:{leavepolicy}",
    },
    "holidaychange": {
        "add": "leave.save_holiday holiday_change:*",
        "change": "leave.save_holiday holiday_change:{holidaychange}",
        "remove": "leave.remove_holiday holiday_change:{holidaychange}",
    },
    "workingweek": {
        "list": "leave.list_weeks",
        "row": "leave.read_week employee:{employee}",
        "add": leaves("leave.set_week employee:*", given=deeds.working_week, answers="moved"),
        "change": "leave.set_week employee:{employee}",
    },
    "leaveentitlement": {
        "list": "leave.list_entitlements",
        "row": "leave.read_entitlement employee:{employee}",
        "add": leaves("leave.add_entitlement employee:*", given=deeds.entitlement, answers="moved"),
        "withdraw": "leave.withdraw_entitlement employee:{employee}",
    },
    "leaverequest": {
        "list": "leave.list",
        "row": "leave.read leave_request:{leaverequest}",
        **{verb: f"leave.{verb} leave_request:{{leaverequest}}" for verb in ("approve", "reject", "cancel")},
    },
}


def _admin(
    model: str, body: dict[str, str] | None, adding: tuple[str, str], actions: tuple[str, ...]
) -> tuple[Row, ...]:
    base = f"admin/hr/{model}/"
    row = f"{base}<path:object_id>/"
    left = _AUDIT[model]
    listed, opened, form = left.get("list", _RULES), left.get("row", _RULES), Nothing("an empty form")
    return (
        Row(base, get="login login 200", post="login login 200", audit={"GET": listed, "POST": listed}),
        Row(
            f"{base}add/",
            get=f"login login {adding[0]}",
            post=f"login login {adding[1]}",
            body=body or {},
            audit={"GET": form, **({"POST": left["add"]} if "add" in left else {})},
        ),
        Row(f"{row}history/", get=_MOVED, post=_MOVED),
        Row(f"{row}delete/", get=_REFUSED, post=_REFUSED),
        Row(
            f"{row}change/",
            get=_SHOWN,
            post=_REFUSED if body is None else _MOVED,
            body=body or {},
            audit={"GET": opened, **({"POST": left["change"]} if "change" in left else {})},
        ),
        Row(row, get=_MOVED, post=_MOVED),
        *(
            Row(f"{row}{action}/", get=_SHOWN, post=_MOVED, audit={"GET": opened, "POST": left[action]})
            for action in actions
        ),
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
