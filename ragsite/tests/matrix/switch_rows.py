"""Kill switches: the operators' console, and the platform's API for companies and switches."""

from ragsite.tests.matrix import deeds
from ragsite.tests.matrix.audited import Nothing, leaves
from ragsite.tests.matrix.rows import Row

_SWITCH = "admin/tenants/killswitch/"
_COMPANY = "admin/tenants/tenant/<path:object_id>/"
# Nobody's session counts below /api/; tokens have their own tests.
_API = "api/v1/platform/"
_CLOSED = {"get": "login login 403", "post": "login login 403"}


def _in_both_logs(move: str) -> tuple[str, str]:
    return (f"kill_switch.{move} tenant:*", f"kill_switch.{move} tenant:*")


PLATFORM = (
    Row(
        f"{_COMPANY}switch-off/",
        get="login 200 | moved",
        post="login 200 | moved",
        audit={
            "GET": Nothing("asks first; names a company"),
            "POST": leaves(*_in_both_logs("engage"), body={**deeds.TYPED_NAME, "feature": "uploads"}, answers="moved"),
        },
    ),
    Row(
        f"{_COMPANY}request-resume/",
        get="login 200 | moved",
        post="login moved | moved",
        audit={
            "GET": Nothing("asks first; names a company"),
            "POST": leaves(*_in_both_logs("request_release"), given=deeds.suspended_company),
        },
        refused={"POST": "kill_switch.request_release tenant:*"},
    ),
    Row(
        f"{_SWITCH}<path:object_id>/request-release/",
        get="login 200 | moved",
        post="login moved | moved",
        audit={
            "GET": Nothing("asks first; names a company"),
            "POST": leaves(*_in_both_logs("request_release")),
        },
    ),
    Row(
        f"{_SWITCH}<path:object_id>/release/",
        get="login 200 | moved",
        post="login moved | moved",
        audit={
            "GET": Nothing("asks first; names a company"),
            "POST": leaves(*_in_both_logs("release")),
        },
    ),
    Row(_SWITCH, get="login 200", post="login 200", audit=Nothing("what is off for companies, nobody's data")),
    Row(
        f"{_SWITCH}add/",
        get="login 200",
        post="login 200",
        audit={
            "GET": Nothing("an empty form"),
            "POST": leaves(
                "kill_switch.engage platform",
                body={
                    "scope": "platform",
                    "feature": "uploads",
                    "typed_name": "every company",
                    "reason": "for the route matrix",
                },
                answers="moved",
            ),
        },
    ),
    Row(f"{_SWITCH}<path:object_id>/history/", get="login moved | moved", post="login moved | moved"),
    Row(f"{_SWITCH}<path:object_id>/delete/", get="login 403", post="login 403"),
    Row(
        f"{_SWITCH}<path:object_id>/change/",
        get="login 200 | moved",
        post="login 403",
        audit={"GET": Nothing("what is off for a company, nobody's data")},
    ),
    Row(f"{_SWITCH}<path:object_id>/", get="login moved | moved", post="login moved | moved"),
    Row(f"{_API}tenants", get="401 401", post="401 401"),
    Row(f"{_API}tenants/<uuid:tenant_id>", get="401 401"),
    Row(f"{_API}tenants/<uuid:tenant_id>/suspend", post="401 401"),
    Row(f"{_API}tenants/<uuid:tenant_id>/request-resume", post="401 401"),
    Row(f"{_API}tenants/<uuid:tenant_id>/resume", post="401 401"),
    Row(f"{_API}kill-switches", get="401 401", post="401 401"),
    Row(f"{_API}kill-switches/<int:switch_id>", get="401 401"),
    Row(f"{_API}kill-switches/<int:switch_id>/request-release", post="401 401"),
    Row(f"{_API}kill-switches/<int:switch_id>/release", post="401 401"),
)

ADMIN = (
    Row(f"{_COMPANY}switch-off/", **_CLOSED),
    Row(f"{_COMPANY}request-resume/", **_CLOSED),
    Row(f"{_SWITCH}<path:object_id>/request-release/", **_CLOSED),
    Row(f"{_SWITCH}<path:object_id>/release/", **_CLOSED),
    Row(_SWITCH, **_CLOSED),
    Row(f"{_SWITCH}add/", **_CLOSED),
    Row(f"{_SWITCH}<path:object_id>/history/", **_CLOSED),
    Row(f"{_SWITCH}<path:object_id>/delete/", **_CLOSED),
    Row(f"{_SWITCH}<path:object_id>/change/", **_CLOSED),
    Row(f"{_SWITCH}<path:object_id>/", get="login login moved | moved", post="login login moved | moved"),
)
