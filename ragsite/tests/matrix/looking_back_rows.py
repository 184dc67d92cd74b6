"""The audit log, findings, rules and access patterns; and an operator's look into a company's."""

from ragsite.tests.matrix import deeds
from ragsite.tests.matrix.audited import Nothing, leaves
from ragsite.tests.matrix.rows import Row

_REASON = {"reason": "for the route matrix"}
_RULE = {"is_on": "on", "threshold": "7", "window_minutes": "30", "factor": "2", "notify_email": ""}
_SETTINGS = Nothing("figures of rules, nobody's data")
_LOG, _FINDING, _RULES = "admin/audit/auditlog/", "admin/audit/finding/", "admin/audit/suspicionrule/"
_ACCESS = "admin/documents/documentaccess/"
_ROW = "<path:object_id>/"
_COMPANY = "admin/tenants/tenant/<int:tenant_id>/"
_EMPTY = Nothing("an empty form")
_ASKS = Nothing("asks first; names a finding by its number")


def _rows(*, login: str, is_platform: bool) -> tuple[Row, ...]:
    """The same pages on both kinds of host. `login` is what outsiders get, a word each; ids differ by host."""

    def all_of(word: str) -> str:
        return f"{login} {word}"

    own = "moved" if is_platform else "200"  # the ids of the matrix are the company's
    return (
        Row(
            f"{_LOG}reason/",
            get=all_of("200"),
            post=all_of("moved"),
            body=_REASON,
            audit=Nothing("each look that follows has its row with the reason"),
        ),
        Row(
            f"{_LOG}export/",
            get=all_of("200"),
            post=all_of("200"),
            body=_REASON,
            audit={"GET": _EMPTY, "POST": "audit.export audit_logs:*"},
        ),
        Row(
            f"{_LOG}verify-export/",
            get=all_of("200"),
            post=all_of("200"),
            audit={
                "GET": _EMPTY,
                # The platform's page takes a company's export, too; its rows are not those of the platform's log.
                "POST": leaves(
                    "audit.verify_export" if is_platform else "audit.verify_export audit_logs:*",
                    given=deeds.exported_log,
                ),
            },
        ),
        Row(_LOG, get=all_of("200"), post=all_of("200"), audit="audit.read"),
        Row(f"{_LOG}add/", get=all_of("403"), post=all_of("403")),
        Row(f"{_LOG}{_ROW}history/", get=all_of("moved | moved"), post=all_of("moved | moved")),
        Row(f"{_LOG}{_ROW}delete/", get=all_of("403"), post=all_of("403")),
        Row(
            f"{_LOG}{_ROW}change/",
            get=all_of("200 | moved"),
            post=all_of("403"),
            audit={"GET": "audit.read audit:{auditlog}"},
        ),
        Row(f"{_LOG}{_ROW}", get=all_of("moved | moved"), post=all_of("moved | moved")),
        Row(_FINDING, get=all_of("200"), post=all_of("200"), audit="findings.read"),
        Row(f"{_FINDING}add/", get=all_of("403"), post=all_of("403")),
        Row(f"{_FINDING}{_ROW}history/", get=all_of("moved | moved"), post=all_of("moved | moved")),
        Row(f"{_FINDING}{_ROW}delete/", get=all_of("403"), post=all_of("403")),
        Row(
            f"{_FINDING}{_ROW}change/",
            get=all_of(f"{own} | moved"),
            post=all_of("403"),
            audit={"GET": Nothing("no such finding here") if is_platform else "findings.read finding:{finding}"},
        ),
        Row(f"{_FINDING}{_ROW}", get=all_of("moved | moved"), post=all_of("moved | moved")),
        *(
            Row(
                f"{_FINDING}{_ROW}{move}/",
                get=all_of(f"{own} | moved"),
                post=all_of("moved | moved"),
                audit={
                    "GET": _ASKS,
                    "POST": Nothing("no such finding here") if is_platform else f"finding.{move} finding:{{finding}}",
                },
            )
            for move in ("acknowledge", "dismiss")
        ),
        Row(_RULES, get=all_of("200"), post=all_of("200"), audit=_SETTINGS),
        Row(f"{_RULES}add/", get=all_of("403"), post=all_of("403")),
        Row(f"{_RULES}{_ROW}history/", get=all_of("moved | moved"), post=all_of("moved | moved")),
        Row(f"{_RULES}{_ROW}delete/", get=all_of("403"), post=all_of("403")),
        Row(
            f"{_RULES}{_ROW}change/",
            get=all_of("200 | moved"),
            post=all_of("moved | moved"),
            body=_RULE,
            audit={"GET": _SETTINGS, "POST": "suspicion_rule.change suspicion_rule:*"},
        ),
        Row(f"{_RULES}{_ROW}", get=all_of("moved | moved"), post=all_of("moved | moved")),
    )


_PAGES = {
    "log": ("audit.read", "tenant.read_audit tenant:*"),
    "findings": ("findings.read", "tenant.read_findings tenant:*"),
    "access": ("access.read", "tenant.read_accesses tenant:*"),
    "tool-calls": ("tool_calls.read", "tenant.read_tool_calls tenant:*"),
}

ADMIN = (
    *_rows(login="login login", is_platform=False),
    Row(f"{_ACCESS}patterns/", get="login login 200", post="login login 200", audit="access.read"),
    Row(_ACCESS, get="login login 200", post="login login 200", audit="access.read"),
    Row(f"{_ACCESS}add/", get="login login 403", post="login login 403"),
    Row(f"{_ACCESS}{_ROW}history/", get="login login moved | moved", post="login login moved | moved"),
    Row(f"{_ACCESS}{_ROW}delete/", get="login login 403", post="login login 403"),
    Row(
        f"{_ACCESS}{_ROW}change/",
        get="login login moved | moved",
        post="login login 403",
        audit={"GET": Nothing("a row says nothing that the list does not")},
    ),
    Row(f"{_ACCESS}{_ROW}", get="login login moved | moved", post="login login moved | moved"),
    *(
        Row(f"{_COMPANY}{page}/", get="login login 403", post="login login 403")
        for page in (*_PAGES, "export-log", "verify-export")
    ),
)

PLATFORM = (
    *_rows(login="login", is_platform=True),
    *(
        Row(f"{_ACCESS}{last}", get="login 403", post="login 403")
        for last in ("patterns/", "", "add/", f"{_ROW}history/", f"{_ROW}delete/", f"{_ROW}change/")
    ),
    Row(f"{_ACCESS}{_ROW}", get="login moved | moved", post="login moved | moved"),
    *(
        Row(f"{_COMPANY}{page}/", get="login 200 | 404", post="login 200 | 404", audit=leaves(*rows))
        for page, rows in _PAGES.items()
    ),
    Row(
        f"{_COMPANY}export-log/",
        get="login 200 | 404",
        post="login 200 | 404",
        body=_REASON,
        audit={"GET": _EMPTY, "POST": leaves("audit.export audit_logs:*", "tenant.export_audit tenant:*")},
    ),
    Row(
        f"{_COMPANY}verify-export/",
        get="login 200 | 404",
        post="login 200 | 404",
        audit={
            "GET": _EMPTY,
            "POST": leaves(
                "audit.verify_export audit_logs:*", "tenant.verify_export tenant:*", given=deeds.exported_log
            ),
        },
    ),
)

_WHY = "reason=for+the+route+matrix"
_API, _PLATFORM_API = "api/v1/", "api/v1/platform/"
_FINDING_ID = "findings/<int:finding_id>/"

API = (
    # Without a reason the log is a 400.
    Row(
        f"{_API}audit",
        get="401 403 400",
        post="401 403 405",
        audit={"GET": leaves("audit.read", by="alice", query=_WHY, answers="200")},
    ),
    Row(
        f"{_API}audit/export",
        get="401 403 400",
        post="401 403 405",
        audit={"GET": leaves("audit.export audit_logs:*", by="alice", query=_WHY, answers="200")},
    ),
    Row(f"{_API}findings", get="401 403 200", post="401 403 405", audit={"GET": "findings.read"}),
    *(
        Row(
            f"{_API}{_FINDING_ID}{move}",
            get="401 403 405",
            post="401 403 200 | 404",
            body=_REASON,
            audit={"POST": f"finding.{move} finding:{{finding}}"},
        )
        for move in ("acknowledge", "dismiss")
    ),
)

PLATFORM_API = (
    Row(f"{_PLATFORM_API}audit", get="401 401"),
    Row(f"{_PLATFORM_API}audit/export", get="401 401"),
    Row(f"{_PLATFORM_API}findings", get="401 401"),
    *(Row(f"{_PLATFORM_API}{_FINDING_ID}{move}", post="401 401") for move in ("acknowledge", "dismiss")),
)
