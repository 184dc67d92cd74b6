"""The assistant's tools and words: confirming what was proposed, days for a request, words on topics, calls."""

from ragsite.tests.matrix import deeds
from ragsite.tests.matrix.audited import Nothing, leaves
from ragsite.tests.matrix.rows import CONFIRMED, Row

_WORDS = {"text": "Ours.", "contact_name": "", "contact_email": "", "contact_phone": ""}
_SHOWN, _MOVED, _REFUSED = "login login 200 | moved", "login login moved | moved", "login login 403"

PAGES = (
    # The digest is missing, so the own proposal is refused with a message.
    Row(
        "proposals/<uuid:proposal_id>/confirm/",
        get="405 405 405",
        post="sign-in moved moved | 404",
        body=CONFIRMED,
        audit={
            "POST": leaves(
                "leave.request leave_request:*",
                "tool.call query:*",
                "tool.confirm proposal:{proposal}",
                by="bob",
                given=deeds.proposal,
                answers="moved",
            )
        },
        refused={"POST": "tool.confirm proposal:*"},
    ),
    Row(
        "c/<uuid:conversation_id>/leave-days/",
        get="405 405 405",
        post="sign-in moved moved | 404",
        body={"first_day": "2026-12-01"},
        audit={"POST": leaves("tool.call query:*", "question.answer query:*")},
    ),
)

API = (
    Row(
        "api/v1/proposals/<uuid:proposal_id>/confirm",
        get="401 405 405",
        post="401 409 409 | 404",
        body={"digest": "0"},
        audit={
            "POST": leaves(
                "leave.request leave_request:*",
                "tool.call query:*",
                "tool.confirm proposal:{proposal}",
                by="bob",
                given=deeds.proposal,
                answers="200",
            )
        },
        refused={"POST": "tool.confirm proposal:*"},
    ),
)

ADMIN = (
    Row(
        "admin/retrieval/sensitivetopictext/",
        get="login login 200",
        post="login login 200",
        audit=Nothing("the company's words"),
    ),
    Row("admin/retrieval/sensitivetopictext/add/", get=_REFUSED, post=_REFUSED),
    Row("admin/retrieval/sensitivetopictext/<path:object_id>/history/", get=_MOVED, post=_MOVED),
    Row("admin/retrieval/sensitivetopictext/<path:object_id>/delete/", get=_REFUSED, post=_REFUSED),
    Row(
        "admin/retrieval/sensitivetopictext/<path:object_id>/change/",
        get=_SHOWN,
        post=_MOVED,
        body=_WORDS,
        audit={"GET": Nothing("the company's words"), "POST": "topic.edit topic:*"},
    ),
    Row("admin/retrieval/sensitivetopictext/<path:object_id>/", get=_MOVED, post=_MOVED),
    Row(
        "admin/retrieval/toolcall/",
        get="login login 200",
        post="login login 200",
        audit="tool.list_calls",
    ),
    Row("admin/retrieval/toolcall/add/", get=_REFUSED, post=_REFUSED),
    Row("admin/retrieval/toolcall/<path:object_id>/history/", get=_MOVED, post=_MOVED),
    Row("admin/retrieval/toolcall/<path:object_id>/delete/", get=_REFUSED, post=_REFUSED),
    Row(
        "admin/retrieval/toolcall/<path:object_id>/change/",
        get=_SHOWN,
        post=_REFUSED,
        audit={"GET": "tool.read_call toolcall:{toolcall}"},
    ),
    Row("admin/retrieval/toolcall/<path:object_id>/", get=_MOVED, post=_MOVED),
)

PLATFORM = tuple(
    Row(row.route, get="login moved | moved", post="login moved | moved")
    if row.route.endswith("<path:object_id>/")
    else Row(row.route, get="login 403", post="login 403")
    for row in ADMIN
)
