"""Versions, their way from draft to withdrawn, and who may read a document: HR and owners only, but for the list."""

from ragsite.tests.matrix.rows import Row

_VERSION = "api/v1/documents/<uuid:document_id>/versions/<uuid:version_id>"
_ADMIN_VERSION = "admin/documents/documentversion/<path:object_id>"
_ACTIONS = (
    "submit-version",
    "approve-version",
    "return-version",
    "publish-version",
    "change-days",
    "withdraw-version",
)
_WHY = {"reason": "for the route matrix"}

API = (
    Row("api/v1/documents/<uuid:document_id>/versions", get="401 200 200 | 404", post="401 405 405"),
    Row(
        "api/v1/documents/<uuid:document_id>/access",
        get="401 403 200 | 404",
        post="401 403 405",
        patch="401 403 200 | 404",
        body=_WHY,
    ),
    # The world's versions are published: only their days change, and they are withdrawn.
    Row(f"{_VERSION}/publish", get="401 403 405", post="401 403 409 | 404", body=_WHY),
    Row(f"{_VERSION}/window", get="401 403 405", post="401 403 200 | 404", body=_WHY),
    Row(f"{_VERSION}/submit", get="401 403 405", post="401 403 409 | 404", body=_WHY),
    Row(f"{_VERSION}/approve", get="401 403 405", post="401 403 409 | 404", body=_WHY),
    Row(f"{_VERSION}/return", get="401 403 405", post="401 403 409 | 404", body=_WHY),
    Row(f"{_VERSION}/withdraw", get="401 403 405", post="401 403 200 | 404", body=_WHY),
)

ADMIN = (
    Row("admin/documents/document/look-after/", get="login login 200", post="login login 200"),
    Row(
        "admin/documents/document/<uuid:document_id>/access/", get="login login 200 | 404", post="login login 200 | 404"
    ),
    Row(
        "admin/documents/document/<path:object_id>/who-can-read/",
        get="login login moved | moved",
        post="login login moved | moved",
    ),
    *(
        Row(f"{_ADMIN_VERSION}/{action}/", get="login login 200 | moved", post="login login moved | moved")
        for action in _ACTIONS
    ),
)

PLATFORM = (
    Row("admin/documents/document/look-after/", get="login 403", post="login 403"),
    Row("admin/documents/document/<uuid:document_id>/access/", get="login 403", post="login 403"),
    Row("admin/documents/document/<path:object_id>/who-can-read/", get="login 403", post="login 403"),
    *(Row(f"{_ADMIN_VERSION}/{action}/", get="login 403", post="login 403") for action in _ACTIONS),
)
