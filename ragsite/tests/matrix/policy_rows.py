"""Versions, their way from draft to withdrawn, and who may read a document: HR and owners only, but for the list."""

from ragsite.tests.matrix import deeds
from ragsite.tests.matrix.audited import Nothing, leaves
from ragsite.tests.matrix.rows import Row

_VERSION = "api/v1/documents/<uuid:document_id>/versions/<uuid:version_id>"
_ADMIN_VERSION = "admin/documents/documentversion/<path:object_id>"
# With what has to be there before.
_ACTIONS = {
    "submit-version": leaves("document.version_submit document:{document}", given=deeds.draft),
    "approve-version": leaves("document.version_approve document:{document}", given=deeds.in_review),
    "return-version": leaves("document.version_return document:{document}", given=deeds.in_review),
    "publish-version": leaves("document.version_publish document:{document}", given=deeds.draft),
    "change-days": leaves("document.version_window document:*"),
    "withdraw-version": leaves("document.version_withdraw document:*"),
}
# Whoever asks for a document that is not there for them.
_CLOSED_TO_THEM = "document.read document:*"
_WHY = {"reason": "for the route matrix"}

API = (
    Row(
        "api/v1/documents/<uuid:document_id>/versions",
        get="401 200 200 | 404",
        post="401 405 405",
        audit={"GET": "document.read document:{document}"},
    ),
    Row(
        "api/v1/documents/<uuid:document_id>/access",
        get="401 403 200 | 404",
        post="401 403 405",
        patch="401 403 200 | 404",
        body=_WHY,
        audit={"GET": "document.list_readers document:{document}", "PATCH": "document.edit document:{document}"},
        refused=dict.fromkeys(("GET", "PATCH"), _CLOSED_TO_THEM),
    ),
    # The world's versions are published: only their days change, and they are withdrawn.
    Row(
        f"{_VERSION}/publish",
        get="401 403 405",
        post="401 403 409 | 404",
        body=_WHY,
        audit={
            "POST": leaves("document.version_publish document:{document}", by="alice", given=deeds.draft, answers="200")
        },
        refused={"POST": _CLOSED_TO_THEM},
    ),
    Row(
        f"{_VERSION}/window",
        get="401 403 405",
        post="401 403 200 | 404",
        body=_WHY,
        audit={"POST": "document.version_window document:{document}"},
        refused={"POST": _CLOSED_TO_THEM},
    ),
    Row(
        f"{_VERSION}/submit",
        get="401 403 405",
        post="401 403 409 | 404",
        body=_WHY,
        audit={
            "POST": leaves("document.version_submit document:{document}", by="alice", given=deeds.draft, answers="200")
        },
        refused={"POST": _CLOSED_TO_THEM},
    ),
    Row(
        f"{_VERSION}/approve",
        get="401 403 405",
        post="401 403 409 | 404",
        body=_WHY,
        audit={
            "POST": leaves(
                "document.version_approve document:{document}", by="alice", given=deeds.in_review, answers="200"
            )
        },
        refused={"POST": _CLOSED_TO_THEM},
    ),
    Row(
        f"{_VERSION}/return",
        get="401 403 405",
        post="401 403 409 | 404",
        body=_WHY,
        audit={
            "POST": leaves(
                "document.version_return document:{document}", by="alice", given=deeds.in_review, answers="200"
            )
        },
        refused={"POST": _CLOSED_TO_THEM},
    ),
    Row(
        f"{_VERSION}/withdraw",
        get="401 403 405",
        post="401 403 200 | 404",
        body=_WHY,
        audit={"POST": "document.version_withdraw document:{document}"},
        refused={"POST": _CLOSED_TO_THEM},
    ),
)

ADMIN = (
    Row(
        "admin/documents/document/look-after/",
        get="login login 200",
        post="login login 200",
        audit="documents.look_after",
    ),
    Row(
        "admin/documents/document/<uuid:document_id>/access/",
        get="login login 200 | 404",
        post="login login 200 | 404",
        audit="document.list_readers document:{document}",
    ),
    Row(
        "admin/documents/document/<path:object_id>/who-can-read/",
        get="login login moved | moved",
        post="login login moved | moved",
        audit=Nothing("leads on to the page of readers"),
    ),
    *(
        Row(
            f"{_ADMIN_VERSION}/{action}/",
            get="login login 200 | moved",
            post="login login moved | moved",
            audit={"GET": Nothing("asks first; names a document"), "POST": deed},
            refused={"POST": f"{deed.rows[0].split()[0]} documentversion:*"},
        )
        for action, deed in _ACTIONS.items()
    ),
)

PLATFORM = (
    Row("admin/documents/document/look-after/", get="login 403", post="login 403"),
    Row("admin/documents/document/<uuid:document_id>/access/", get="login 403", post="login 403"),
    Row("admin/documents/document/<path:object_id>/who-can-read/", get="login 403", post="login 403"),
    *(Row(f"{_ADMIN_VERSION}/{action}/", get="login 403", post="login 403") for action in _ACTIONS),
)
