"""What each route of a company's host answers: nobody, employee or manager, HR or owner | with others' ids.

`nobody` is whoever brings nothing that counts here: no session or token, another company's, the operators', a session
where the API wants a token. `login` leads on to `sign-in`; people who are neither HR nor owner read a refusal there.
"""

from ragsite.tests.matrix import leave_rows, pay_rows, policy_rows, tool_rows
from ragsite.tests.matrix.rows import CONFIRMED, Row

ASK = {"question": "How long is the leave?"}

PAGES = (
    Row("", get="sign-in 200 200", post="sign-in moved moved", body=ASK),
    Row("ask/stream/", get="405 405 405", post="sign-in 200 200", body=ASK),
    Row("conversations/", get="sign-in 200 200", post="405 405 405"),
    Row("c/<uuid:conversation_id>/", get="sign-in 200 200 | 404", post="sign-in moved moved | 404", body=ASK),
    Row(
        "c/<uuid:conversation_id>/rename/",
        get="sign-in 200 200 | 404",
        post="sign-in moved moved | 404",
        body={"title": "Another"},
    ),
    Row("c/<uuid:conversation_id>/delete/", get="sign-in 200 200 | 404", post="sign-in moved moved | 404"),
    Row("q/<uuid:query_id>/feedback/", get="405 405 405", post="sign-in moved moved | 404", body={"rating": "up"}),
    Row("passage/<uuid:query_id>/<int:n>/", get="sign-in 200 200 | 404", post="405 405 405"),
    Row("d/<uuid:document_id>/", get="sign-in 200 200 | 404", post="405 405 405"),
    Row("original/<uuid:version_id>/", get="sign-in 200 200 | 404", post="405 405 405"),
    Row(
        "sign-in/",
        get="200 moved moved",
        post="403 moved moved",
        body={"email": "bob@acme.example", "password": "wrong"},
    ),
    Row("sign-in/link/<uid>/<token>/", get="200 200 200 | 404", post="422 422 422 | 404"),
    Row("favicon.ico", get="moved moved moved", post="405 405 405"),
    Row("sign-out/", get="405 405 405", post="sign-in sign-in sign-in"),
    Row("pay/", get="sign-in 200 200", post="405 405 405"),
    Row("pay/<uuid:paystub_id>/", get="sign-in 200 200 | 404", post="405 405 405"),
    Row("pay/<uuid:paystub_id>/pdf/", get="sign-in 200 200 | 404", post="405 405 405"),
    Row("account/password/", get="sign-in 200 200", post="sign-in 422 422"),
)

API = (
    Row(
        "api/v1/auth/token",
        get="405 405 405",
        post="401 401 401",
        body={"email": "bob@acme.example", "password": "wrong"},
    ),
    Row("api/v1/auth/token/refresh", get="405 405 405", post="401 401 401", body={"refresh": "x"}),
    Row("api/v1/auth/logout", get="405 405 405", post="401 400 400"),
    Row("api/v1/ingest", get="401 403 405", post="401 403 400"),
    Row("api/v1/ingest/<uuid:version_id>", get="401 403 200 | 404", post="401 403 405"),
    Row("api/v1/documents", get="401 200 200", post="401 405 405"),
    Row("api/v1/documents/<uuid:document_id>", get="401 200 200 | 404", post="401 405 405", delete="401 403 204 | 404"),
    Row("api/v1/documents/<uuid:document_id>/file", get="401 200 200 | 404", post="401 405 405"),
    Row("api/v1/search", get="401 405 405", post="401 200 200", body=ASK),
    Row("api/v1/query", get="401 405 405", post="401 200 200", body=ASK),
    Row("api/v1/query/stream", get="401 405 405", post="401 200 200", body=ASK),
    Row("api/v1/queries/<uuid:query_id>/feedback", get="401 405 405", post="401 200 200 | 404", body={"rating": "up"}),
    Row("api/v1/employees", get="401 200 200", post="401 405 405"),
    Row("api/v1/employees/import", get="401 403 405", post="401 403 415"),
    Row("api/v1/employees/<int:employee_id>", get="401 404 200 | 404", post="401 405 405"),
    Row("api/v1/paystubs", get="401 200 200", post="401 405 405"),
    Row("api/v1/paystubs/<uuid:paystub_id>", get="401 200 200 | 404", post="401 405 405"),
    Row("api/v1/paystubs/<uuid:paystub_id>/pdf", get="401 200 200 | 404", post="401 405 405"),
    Row("api/v1/schema/", get="200 200 200", post="405 405 405"),
    Row("api/v1/docs/", get="200 200 200", post="405 405 405"),
    Row("api/", get="404 404 404", post="404 404 404", path="/api/v1/nothing"),
)

ADMIN = (
    Row("admin/search/", get="login login 200", post="login login 200"),
    Row("admin/settings/", get="login login 200", post="login login moved", body={"contact_name": "Another"}),
    Row("admin/", get="login login 200", post="login login 200"),
    Row("admin/login/", get="sign-in 403 moved", post="sign-in 403 moved"),
    Row("admin/logout/", get="moved moved 405", post="moved moved sign-in"),
    Row("admin/password_change/", get="login login moved", post="login login moved"),
    Row("admin/password_change/done/", get="login login 200", post="login login 405"),
    Row("admin/autocomplete/", get="login login 403", post="login login 405"),
    Row("admin/jsi18n/", get="login login 200", post="login login 405"),
    Row("admin/django_celery_beat/periodictask/", get="login login 403", post="login login 403"),
    Row("admin/django_celery_beat/periodictask/add/", get="login login 403", post="login login 403"),
    Row(
        "admin/django_celery_beat/periodictask/<path:object_id>/history/", get="login login 403", post="login login 403"
    ),
    Row(
        "admin/django_celery_beat/periodictask/<path:object_id>/delete/", get="login login 403", post="login login 403"
    ),
    Row(
        "admin/django_celery_beat/periodictask/<path:object_id>/change/", get="login login 403", post="login login 403"
    ),
    Row(
        "admin/django_celery_beat/periodictask/<path:object_id>/",
        get="login login moved | moved",
        post="login login moved | moved",
    ),
    Row("admin/tenants/tenant/<path:object_id>/suspend/", get="login login 403", post="login login 403"),
    Row("admin/tenants/tenant/<path:object_id>/resume/", get="login login 403", post="login login 403"),
    Row("admin/tenants/tenant/", get="login login 403", post="login login 403"),
    Row("admin/tenants/tenant/add/", get="login login 403", post="login login 403"),
    Row("admin/tenants/tenant/<path:object_id>/history/", get="login login 403", post="login login 403"),
    Row("admin/tenants/tenant/<path:object_id>/delete/", get="login login 403", post="login login 403"),
    Row("admin/tenants/tenant/<path:object_id>/change/", get="login login 403", post="login login 403"),
    Row("admin/tenants/tenant/<path:object_id>/", get="login login moved | moved", post="login login moved | moved"),
    Row("admin/tenants/signingkey/", get="login login 403", post="login login 403"),
    Row("admin/tenants/signingkey/add/", get="login login 403", post="login login 403"),
    Row("admin/tenants/signingkey/<path:object_id>/history/", get="login login 403", post="login login 403"),
    Row("admin/tenants/signingkey/<path:object_id>/delete/", get="login login 403", post="login login 403"),
    Row("admin/tenants/signingkey/<path:object_id>/change/", get="login login 403", post="login login 403"),
    Row(
        "admin/tenants/signingkey/<path:object_id>/", get="login login moved | moved", post="login login moved | moved"
    ),
    Row("admin/audit/auditlog/", get="login login 200", post="login login 200"),
    Row("admin/audit/auditlog/add/", get="login login 403", post="login login 403"),
    Row(
        "admin/audit/auditlog/<path:object_id>/history/",
        get="login login moved | moved",
        post="login login moved | moved",
    ),
    Row("admin/audit/auditlog/<path:object_id>/delete/", get="login login 403", post="login login 403"),
    Row("admin/audit/auditlog/<path:object_id>/change/", get="login login 200 | moved", post="login login 403"),
    Row("admin/audit/auditlog/<path:object_id>/", get="login login moved | moved", post="login login moved | moved"),
    Row(
        "admin/hr/employee/<path:object_id>/invite/",
        get="login login 200 | moved",
        post="login login 200 | moved",
    ),
    Row(
        "admin/hr/employee/<path:object_id>/sign-in-link/",
        get="login login 200 | moved",
        post="login login 200 | moved",
    ),
    Row(
        "admin/hr/employee/<path:object_id>/change-role/",
        get="login login 200 | moved",
        post="login login moved | moved",
        body={**CONFIRMED, "role": "manager"},
    ),
    Row(
        "admin/hr/employee/<path:object_id>/deactivate/",
        get="login login 200 | moved",
        post="login login moved | moved",
    ),
    Row(
        "admin/hr/employee/<path:object_id>/reactivate/",
        get="login login 200 | moved",
        post="login login moved | moved",
    ),
    Row("admin/hr/employee/import/template/", get="login login 200", post="login login 200"),
    Row("admin/hr/employee/import/", get="login login 200", post="login login 422"),
    Row("admin/hr/employee/export/", get="login login 200", post="login login 200"),
    Row("admin/hr/employee/", get="login login 200", post="login login 200"),
    Row(
        "admin/hr/employee/add/",
        get="login login 200",
        post="login login 200",
        body={
            "first_name": "N",
            "last_name": "Ew",
            "email": "new@acme.example",
            "role": "employee",
            "working_days_per_week": "5",
        },
    ),
    Row(
        "admin/hr/employee/<path:object_id>/history/", get="login login moved | moved", post="login login moved | moved"
    ),
    Row("admin/hr/employee/<path:object_id>/delete/", get="login login 403", post="login login 403"),
    Row(
        "admin/hr/employee/<path:object_id>/change/",
        get="login login 200 | moved",
        post="login login moved | moved",
        body={
            "first_name": "Another",
            "last_name": "Name",
            "email": "another@acme.example",
            "employee_number": "E777",
            "working_days_per_week": "5",
        },
    ),
    Row("admin/hr/employee/<path:object_id>/", get="login login moved | moved", post="login login moved | moved"),
    Row("admin/documents/document/upload/", get="login login 200", post="login login 200"),
    Row(
        "admin/documents/document/<uuid:document_id>/versions/<uuid:version_id>/original/",
        get="login login 200 | 404",
        post="login login 200 | 404",
    ),
    Row("admin/documents/document/upload-documents/", get="login login moved", post="login login moved"),
    Row(
        "admin/documents/document/<path:object_id>/download/", get="login login 200 | 404", post="login login 200 | 404"
    ),
    Row(
        "admin/documents/document/<path:object_id>/new-version/",
        get="login login 200 | 404",
        post="login login 200 | 404",
    ),
    Row(
        "admin/documents/document/<path:object_id>/retry-documents/",
        get="login login 200 | moved",
        post="login login moved | moved",
    ),
    Row(
        "admin/documents/document/<path:object_id>/delete-documents/",
        get="login login 200 | moved",
        post="login login moved | moved",
    ),
    Row("admin/documents/document/", get="login login 200", post="login login 200"),
    Row("admin/documents/document/add/", get="login login moved", post="login login moved"),
    Row(
        "admin/documents/document/<path:object_id>/history/",
        get="login login moved | moved",
        post="login login moved | moved",
    ),
    Row(
        "admin/documents/document/<path:object_id>/delete/",
        get="login login moved | moved",
        post="login login moved | moved",
    ),
    Row(
        "admin/documents/document/<path:object_id>/change/",
        get="login login 200 | moved",
        post="login login moved | moved",
        body={"title": "Another"},
    ),
    Row(
        "admin/documents/document/<path:object_id>/", get="login login moved | moved", post="login login moved | moved"
    ),
    Row("admin/documents/documentversion/", get="login login 200", post="login login 200"),
    Row("admin/documents/documentversion/add/", get="login login 403", post="login login 403"),
    Row(
        "admin/documents/documentversion/<path:object_id>/history/",
        get="login login moved | moved",
        post="login login moved | moved",
    ),
    Row("admin/documents/documentversion/<path:object_id>/delete/", get="login login 403", post="login login 403"),
    Row(
        "admin/documents/documentversion/<path:object_id>/change/",
        get="login login moved | moved",
        post="login login moved | moved",
    ),
    Row(
        "admin/documents/documentversion/<path:object_id>/",
        get="login login moved | moved",
        post="login login moved | moved",
    ),
    Row(
        "admin/^(?P<app_label>django_celery_beat|tenants|audit|hr|documents|retrieval)/$",
        get="login login 200",
        post="login login 200",
        path="/admin/documents/",
    ),
    Row("admin/(?P<url>.*)$", get="login login 404", post="login login 404", path="/admin/nothing"),
)

ROWS = (
    *PAGES,
    *API,
    *ADMIN,
    *policy_rows.API,
    *policy_rows.ADMIN,
    *pay_rows.ADMIN,
    *leave_rows.PAGES,
    *leave_rows.API,
    *leave_rows.ADMIN,
    *tool_rows.PAGES,
    *tool_rows.API,
    *tool_rows.ADMIN,
)
