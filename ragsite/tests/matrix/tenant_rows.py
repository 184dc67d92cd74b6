"""What each route of a company's host answers: nobody, employee or manager, HR or owner | with others' ids.

`nobody` is whoever brings nothing that counts here: no session or token, another company's, the operators', a session
where the API wants a token. `login` leads on to `sign-in`; people who are neither HR nor owner read a refusal there.
"""

from ragsite.tests.matrix import (
    answer_rows,
    console_rows,
    deeds,
    leave_rows,
    looking_back_rows,
    pay_rows,
    policy_rows,
    sign_in_rows,
    switch_rows,
    token_rows,
    tool_rows,
)
from ragsite.tests.matrix.audited import Nothing, leaves
from ragsite.tests.matrix.rows import CONFIRMED, Row

ASK = {"question": "How long is the leave?"}

PAGES = (
    Row(
        "",
        get="sign-in 200 200",
        post="sign-in moved moved",
        body=ASK,
        audit={"GET": Nothing("the ask box"), "POST": "question.answer query:*"},
    ),
    Row("ask/stream/", get="405 405 405", post="sign-in 200 200", body=ASK, audit={"POST": "question.answer query:*"}),
    Row("conversations/", get="sign-in 200 200", post="405 405 405", audit={"GET": "conversation.list {by}"}),
    Row(
        "c/<uuid:conversation_id>/",
        get="sign-in 200 200 | 404",
        post="sign-in moved moved | 404",
        body=ASK,
        audit={"GET": "conversation.read conversation:{conversation}", "POST": "question.answer query:*"},
    ),
    Row(
        "c/<uuid:conversation_id>/rename/",
        get="sign-in 200 200 | 404",
        post="sign-in moved moved | 404",
        body={"title": "Another"},
        audit={"GET": Nothing("a form with the title"), "POST": "conversation.rename conversation:{conversation}"},
    ),
    Row(
        "c/<uuid:conversation_id>/delete/",
        get="sign-in 200 200 | 404",
        post="sign-in moved moved | 404",
        audit={"GET": Nothing("asks before it deletes"), "POST": "conversation.delete conversation:{conversation}"},
    ),
    Row(
        "q/<uuid:query_id>/feedback/",
        get="405 405 405",
        post="sign-in moved moved | 404",
        body={"rating": "up"},
        audit={"POST": "answer.feedback query:{query}"},
    ),
    Row(
        "passage/<uuid:query_id>/<int:n>/",
        get="sign-in 200 200 | 404",
        post="405 405 405",
        audit={"GET": "document.read document:*"},
    ),
    Row(
        "d/<uuid:document_id>/",
        get="sign-in 200 200 | 404",
        post="405 405 405",
        audit={"GET": "document.read document:{document}"},
        refused={"GET": "document.read document:*"},
    ),
    Row(
        "original/<uuid:version_id>/",
        get="sign-in 200 200 | 404",
        post="405 405 405",
        audit={"GET": "document.download document:{document}"},
        refused={"GET": "document.read document:*"},
    ),
    Row(
        "sign-in/",
        get="200 moved moved",
        post="403 moved moved",
        body={"email": "bob@acme.example", "password": "wrong"},
        audit={
            "GET": Nothing("an empty form"),
            "POST": leaves(
                "session.sign_in employee:{employee}",
                by="anonymous",
                given=deeds.credentials,
                answers="moved",
                actor_kind="employee",
            ),
        },
        refused={"POST": "session.sign_in_failed"},
    ),
    Row(
        "sign-in/link/<uid>/<token>/",
        get="200 200 200 | 404",
        post="422 422 422 | 404",
        audit={
            "GET": Nothing("asks for a password"),
            "POST": leaves(
                "employee.choose_password employee:{employee}",
                "session.sign_in employee:{employee}",
                by="anonymous",
                body=deeds.NEW_PASSWORD,
                actor_kind="employee, anonymous",
                answers="moved",
            ),
        },
    ),
    Row("favicon.ico", get="moved moved moved", post="405 405 405", audit={"GET": Nothing("leads on to the icon")}),
    Row(
        "sign-out/",
        get="405 405 405",
        post="sign-in sign-in sign-in",
        audit={"POST": leaves("session.sign_out {by}", by="bob")},
    ),
    Row("pay/", get="sign-in 200 200", post="405 405 405", audit={"GET": "paystub.read_all {by}"}),
    Row(
        "pay/<uuid:paystub_id>/",
        get="sign-in 200 200 | 404",
        post="405 405 405",
        audit={"GET": "paystub.read paystub:{paystub}"},
        refused={"GET": "paystub.read paystub:*"},
    ),
    Row(
        "pay/<uuid:paystub_id>/pdf/",
        get="sign-in 200 200 | 404",
        post="405 405 405",
        audit={"GET": "paystub.download paystub:{paystub}"},
        refused={"GET": "paystub.read paystub:*"},
    ),
    Row(
        "account/password/",
        get="sign-in 200 200",
        post="sign-in 422 422",
        audit={
            "GET": Nothing("an empty form"),
            "POST": leaves("employee.choose_password {by}", given=deeds.present_password, answers="moved"),
        },
    ),
)

API = (
    Row(
        "api/v1/auth/token",
        get="405 405 405",
        post="401 401 401",
        body={"email": "bob@acme.example", "password": "wrong"},
        audit={
            "POST": leaves("token.sign_in employee:{employee}", by="anonymous", given=deeds.credentials, answers="200")
        },
        refused={"POST": "token.sign_in_failed"},
    ),
    Row(
        "api/v1/auth/token/refresh",
        get="405 405 405",
        post="401 401 401",
        body={"refresh": "x"},
        audit={
            "POST": leaves(
                "token.refresh employee:{employee}", by="anonymous", given=deeds.refresh_token, answers="200"
            )
        },
    ),
    Row(
        "api/v1/auth/logout",
        get="405 405 405",
        post="401 400 400",
        audit={
            "POST": leaves(
                "token.sign_out employee:{employee}", by="anonymous", given=deeds.refresh_token, answers="204"
            )
        },
    ),
    Row(
        "api/v1/ingest",
        get="401 403 405",
        post="401 403 400",
        audit={"POST": leaves("document.upload document:*", by="alice", given=deeds.upload, answers="202")},
    ),
    Row(
        "api/v1/ingest/<uuid:version_id>",
        get="401 403 200 | 404",
        post="401 403 405",
        audit={"GET": Nothing("how far a file is")},
    ),
    Row(
        "api/v1/documents",
        get="401 200 200",
        post="401 405 405",
        audit={"GET": Nothing("titles of documents, nobody's data")},
    ),
    Row(
        "api/v1/documents/<uuid:document_id>",
        get="401 200 200 | 404",
        post="401 405 405",
        delete="401 403 204 | 404",
        audit={"GET": "document.read document:{document}", "DELETE": "document.delete document:{document}"},
        refused={"GET": "document.read document:*", "DELETE": "document.read document:*"},
    ),
    Row(
        "api/v1/documents/<uuid:document_id>/file",
        get="401 200 200 | 404",
        post="401 405 405",
        audit={"GET": "document.download document:{document}"},
        refused={"GET": "document.read document:*"},
    ),
    Row("api/v1/search", get="401 405 405", post="401 200 200", body=ASK, audit={"POST": "search.run"}),
    Row("api/v1/query", get="401 405 405", post="401 200 200", body=ASK, audit={"POST": "question.answer query:*"}),
    Row(
        "api/v1/query/stream",
        get="401 405 405",
        post="401 200 200",
        body=ASK,
        audit={"POST": "question.answer query:*"},
    ),
    Row(
        "api/v1/queries/<uuid:query_id>/feedback",
        get="401 405 405",
        post="401 200 200 | 404",
        body={"rating": "up"},
        audit={"POST": "answer.feedback query:{query}"},
    ),
    Row("api/v1/employees", get="401 200 200", post="401 405 405", audit={"GET": "employees.list"}),
    Row(
        "api/v1/employees/import",
        get="401 403 405",
        post="401 403 415",
        audit={
            "POST": leaves(
                "employee.create employee:*",
                "employees.import import:*",
                by="alice",
                given=deeds.people_file,
                answers="200",
            )
        },
    ),
    Row(
        "api/v1/employees/<int:employee_id>",
        get="401 404 200 | 404",
        post="401 405 405",
        audit={"GET": "employee.read employee:{employee}"},
    ),
    Row("api/v1/paystubs", get="401 200 200", post="401 405 405", audit={"GET": "paystub.list {by}"}),
    Row(
        "api/v1/paystubs/<uuid:paystub_id>",
        get="401 200 200 | 404",
        post="401 405 405",
        audit={"GET": "paystub.read paystub:{paystub}"},
        refused={"GET": "paystub.read paystub:*"},
    ),
    Row(
        "api/v1/paystubs/<uuid:paystub_id>/pdf",
        get="401 200 200 | 404",
        post="401 405 405",
        audit={"GET": "paystub.download paystub:{paystub}"},
        refused={"GET": "paystub.read paystub:*"},
    ),
    Row("api/v1/schema/", get="200 200 200", post="405 405 405", audit={"GET": Nothing("the description of the API")}),
    Row("api/v1/docs/", get="200 200 200", post="405 405 405", audit={"GET": Nothing("the description of the API")}),
    Row("api/", get="404 404 404", post="404 404 404", path="/api/v1/nothing"),
)

ADMIN = (
    Row(
        "admin/search/",
        get="login login 200",
        post="login login 200",
        audit=Nothing("switched off, an empty answer"),
    ),
    Row(
        "admin/settings/",
        get="login login 200",
        post="login login moved",
        body={"contact_name": "Another"},
        audit={"GET": Nothing("the company's own settings"), "POST": "tenant.settings tenant:*"},
    ),
    Row(
        "admin/",
        get="login login 200",
        post="login login 200",
        audit=Nothing("counts only"),
    ),
    Row(
        "admin/login/",
        get="sign-in 403 moved",
        post="sign-in 403 moved",
        audit=Nothing("leads on to the sign-in page"),
    ),
    Row(
        "admin/logout/",
        get="moved moved 405",
        post="moved moved sign-in",
        audit={"GET": Nothing("leads on to the sign-in page"), "POST": leaves("session.sign_out {by}", by="alice")},
    ),
    Row(
        "admin/password_change/",
        get="login login moved",
        post="login login moved",
        audit=Nothing("leads on to the account page"),
    ),
    Row(
        "admin/password_change/done/",
        get="login login 200",
        post="login login 405",
        audit={"GET": Nothing("says that it is done")},
    ),
    Row(
        "admin/autocomplete/",
        get="login login 403",
        post="login login 405",
        audit={
            "GET": leaves(
                "employees.list",
                by="alice",
                query="app_label=documents&model_name=document&field_name=owner&term=d",
                answers="200",
            )
        },
    ),
    Row(
        "admin/jsi18n/", get="login login 200", post="login login 405", audit={"GET": Nothing("words of the calendar")}
    ),
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
    Row(
        "admin/hr/employee/<path:object_id>/invite/",
        get="login login 200 | moved",
        post="login login 200 | moved",
        audit={"GET": "employee.read employee:{employee}", "POST": "employee.invite employee:{employee}"},
    ),
    Row(
        "admin/hr/employee/<path:object_id>/sign-in-link/",
        get="login login 200 | moved",
        post="login login 200 | moved",
        audit={"GET": "employee.read employee:{employee}", "POST": "employee.sign_in_link employee:{employee}"},
    ),
    Row(
        "admin/hr/employee/<path:object_id>/change-role/",
        get="login login 200 | moved",
        post="login login moved | moved",
        body={**CONFIRMED, "role": "manager"},
        audit={"GET": "employee.read employee:{employee}", "POST": "employee.change_role employee:{employee}"},
    ),
    Row(
        "admin/hr/employee/<path:object_id>/deactivate/",
        get="login login 200 | moved",
        post="login login moved | moved",
        audit={"GET": "employee.read employee:{employee}", "POST": "employee.deactivate employee:{employee}"},
    ),
    Row(
        "admin/hr/employee/<path:object_id>/reactivate/",
        get="login login 200 | moved",
        post="login login moved | moved",
        audit={"GET": "employee.read employee:{employee}", "POST": "employee.reactivate employee:{employee}"},
    ),
    Row(
        "admin/hr/employee/import/template/",
        get="login login 200",
        post="login login 200",
        audit=Nothing("an empty sheet"),
    ),
    Row(
        "admin/hr/employee/import/",
        get="login login 200",
        post="login login 422",
        audit={
            "GET": Nothing("an empty form"),
            "POST": (
                leaves("employees.check_import", by="alice", given=deeds.people_file, answers="200"),
                leaves(
                    "employee.create employee:*",
                    "employees.import import:*",
                    by="alice",
                    given=deeds.checked_people_file,
                    answers="moved",
                ),
            ),
        },
    ),
    Row(
        "admin/hr/employee/export/",
        get="login login 200",
        post="login login 200",
        audit="employees.export",
    ),
    Row(
        "admin/hr/employee/",
        get="login login 200",
        post="login login 200",
        audit="employees.list",
    ),
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
        audit={"GET": Nothing("an empty form"), "POST": "employee.create employee:*"},
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
        audit={"GET": "employee.read employee:{employee}", "POST": "employee.update employee:{employee}"},
    ),
    Row("admin/hr/employee/<path:object_id>/", get="login login moved | moved", post="login login moved | moved"),
    Row(
        "admin/documents/document/upload/",
        get="login login 200",
        post="login login 200",
        audit={
            "GET": Nothing("an empty form"),
            "POST": leaves("document.upload document:*", by="alice", given=deeds.uploads, answers="200"),
        },
    ),
    Row(
        "admin/documents/document/<uuid:document_id>/versions/<uuid:version_id>/original/",
        get="login login 200 | 404",
        post="login login 200 | 404",
        audit="document.download document:{document}",
    ),
    Row(
        "admin/documents/document/upload-documents/",
        get="login login moved",
        post="login login moved",
        audit=Nothing("leads on to the page itself"),
    ),
    Row(
        "admin/documents/document/<path:object_id>/download/",
        get="login login 200 | 404",
        post="login login 200 | 404",
        audit="document.download document:{document}",
    ),
    Row(
        "admin/documents/document/<path:object_id>/new-version/",
        get="login login 200 | 404",
        post="login login 200 | 404",
        audit={
            "GET": Nothing("an empty form"),
            "POST": leaves("document.upload document:{document}", by="alice", given=deeds.uploads, answers="200"),
        },
    ),
    Row(
        "admin/documents/document/<path:object_id>/retry-documents/",
        get="login login 200 | moved",
        post="login login moved | moved",
        audit={
            "GET": Nothing("asks first; names a document"),
            "POST": leaves("document.retry document:{document}", by="alice", given=deeds.unreadable, answers="moved"),
        },
        refused={"POST": "document.retry document:*"},
    ),
    Row(
        "admin/documents/document/<path:object_id>/delete-documents/",
        get="login login 200 | moved",
        post="login login moved | moved",
        audit={"GET": Nothing("asks first; names a document"), "POST": "document.delete document:{document}"},
    ),
    Row(
        "admin/documents/document/",
        get="login login 200",
        post="login login 200",
        audit=Nothing("documents, nobody's data"),
    ),
    Row(
        "admin/documents/document/add/",
        get="login login moved",
        post="login login moved",
        audit=Nothing("leads on to the upload"),
    ),
    Row(
        "admin/documents/document/<path:object_id>/history/",
        get="login login moved | moved",
        post="login login moved | moved",
    ),
    Row(
        "admin/documents/document/<path:object_id>/delete/",
        get="login login moved | moved",
        post="login login moved | moved",
        audit=Nothing("leads on to the confirmation"),
    ),
    Row(
        "admin/documents/document/<path:object_id>/change/",
        get="login login 200 | moved",
        post="login login moved | moved",
        body={"title": "Another"},
        audit={"GET": "document.read document:{document}", "POST": "document.edit document:{document}"},
    ),
    Row(
        "admin/documents/document/<path:object_id>/", get="login login moved | moved", post="login login moved | moved"
    ),
    Row(
        "admin/documents/documentversion/",
        get="login login 200",
        post="login login 200",
        audit=Nothing("documents, nobody's data"),
    ),
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
        audit=Nothing("leads on to the document"),
    ),
    Row(
        "admin/documents/documentversion/<path:object_id>/",
        get="login login moved | moved",
        post="login login moved | moved",
    ),
    Row(
        "admin/^(?P<app_label>ragsite|django_celery_beat|tenants|audit|hr|documents|retrieval)/$",
        get="login login 200",
        post="login login 200",
        path="/admin/documents/",
        audit=Nothing("names of pages"),
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
    *switch_rows.ADMIN,
    *leave_rows.PAGES,
    *leave_rows.API,
    *leave_rows.ADMIN,
    *answer_rows.PAGES,
    *answer_rows.API,
    *answer_rows.ADMIN,
    *token_rows.PAGES,
    *token_rows.API,
    *token_rows.ADMIN,
    *tool_rows.PAGES,
    *tool_rows.API,
    *tool_rows.ADMIN,
    *console_rows.COMPANY,
    *sign_in_rows.PAGES,
    *sign_in_rows.COMPANY,
    *looking_back_rows.API,
    *looking_back_rows.ADMIN,
)
