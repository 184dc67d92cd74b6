"""How answers came about, who reads a question, reports on answers, and the same question today."""

from ragsite.tests.matrix import answer_world
from ragsite.tests.matrix.audited import Nothing, leaves
from ragsite.tests.matrix.rows import Row

_QUERY, _REPORT = "admin/retrieval/query/", "admin/retrieval/feedback/"
_ROW = "<path:object_id>/"
_SHOWN, _MOVED, _REFUSED = "login login 200 | moved", "login login moved | moved", "login login 403"
# The company lets HR read nothing, unless a deed says otherwise; the owner never does.
_FOR_HR = "login login moved 403 | moved"
_ASKS = Nothing("asks for the reason first; names an answer by its id")

PAGES = (
    Row(
        "q/<uuid:query_id>/readers/",
        get="405 405 405",
        post="sign-in moved moved | 404",
        body={"lane": "private"},
        audit={"POST": "question.lane query:{query}"},
    ),
)

API = (
    Row(
        "api/v1/queries/<uuid:query_id>",
        get="401 200 200 | 404",
        post="401 405 405",
        audit={"GET": "answer.open query:{query}"},
    ),
    Row(
        "api/v1/queries/<uuid:query_id>/readers",
        get="401 405 405",
        post="401 200 200 | 404",
        body={"lane": "private"},
        audit={"POST": "question.lane query:{query}"},
    ),
)

ADMIN = (
    Row(_QUERY, get="login login 200", post="login login 200", audit="answer.list"),
    Row(f"{_QUERY}add/", get=_REFUSED, post=_REFUSED),
    Row(f"{_QUERY}{_ROW}history/", get=_MOVED, post=_MOVED),
    Row(f"{_QUERY}{_ROW}delete/", get=_REFUSED, post=_REFUSED),
    Row(f"{_QUERY}{_ROW}change/", get=_SHOWN, post=_REFUSED, audit={"GET": "answer.open query:{query}"}),
    Row(f"{_QUERY}{_ROW}", get=_MOVED, post=_MOVED),
    Row(
        f"{_QUERY}<uuid:query_id>/question/",
        get=_FOR_HR,
        post="login login 405 403",
        audit={
            "GET": leaves(
                "conversation.open_for_hr conversation:{conversation}",
                by="alice",
                given=answer_world.shared_with_hr,
                answers="200",
            )
        },
        refused={"GET": "conversation.open_for_hr query:*"},
    ),
    Row(
        f"{_QUERY}{_ROW}ask-again/",
        get="login login 200 403 | moved",
        post=_FOR_HR,
        audit={
            "GET": _ASKS,
            "POST": leaves(
                "answer.replay query:{query}", by="alice", given=answer_world.shared_and_searched, answers="200"
            ),
        },
        refused={"POST": "answer.replay query:*"},
    ),
    Row(_REPORT, get="login login 200", post="login login 200", audit="feedback.list"),
    Row(f"{_REPORT}add/", get=_REFUSED, post=_REFUSED),
    Row(f"{_REPORT}{_ROW}history/", get=_MOVED, post=_MOVED),
    Row(f"{_REPORT}{_ROW}delete/", get=_REFUSED, post=_REFUSED),
    Row(
        f"{_REPORT}{_ROW}change/",
        get=_SHOWN,
        post=_REFUSED,
        audit={"GET": "feedback.open feedback:{feedback}"},
    ),
    Row(f"{_REPORT}{_ROW}", get=_MOVED, post=_MOVED),
    Row(
        f"{_REPORT}{_ROW}handle/",
        get=_SHOWN,
        post=_MOVED,
        audit={"GET": "feedback.open feedback:{feedback}", "POST": "feedback.handle feedback:{feedback}"},
    ),
)

PLATFORM = tuple(
    Row(row.route, get="login moved | moved", post="login moved | moved")
    if row.route.endswith(f"/{_ROW}")
    else Row(row.route, get="login 403", post="login 403")
    for row in ADMIN
)
