"""A company's host: pages, API, admin."""

from django.contrib import admin
from django.urls import include, path

from hr import views as people
from hr.views import leave, pay, single_sign_on
from ragsite.pages import favicon, questions_limited
from ragsite.sign_in_limits import remembers_device, sign_in_limited
from ragsite.urls.account import account
from retrieval import views as pages

urlpatterns = [
    path("", questions_limited(pages.home), name="home"),
    path("ask/stream/", questions_limited(pages.stream), name="ask-stream"),
    path("conversations/", pages.conversation_list, name="conversation-list"),
    path("c/<uuid:conversation_id>/", questions_limited(pages.conversation), name="conversation"),
    path("c/<uuid:conversation_id>/rename/", pages.rename_conversation, name="conversation-rename"),
    path("c/<uuid:conversation_id>/delete/", pages.delete_conversation, name="conversation-delete"),
    path("c/<uuid:conversation_id>/leave-days/", questions_limited(pages.leave_days), name="leave-days"),
    path("proposals/<uuid:proposal_id>/confirm/", pages.confirm, name="proposal-confirm"),
    path("q/<uuid:query_id>/feedback/", pages.feedback, name="feedback"),
    path("q/<uuid:query_id>/readers/", pages.lane, name="lane"),
    path("passage/<uuid:query_id>/<int:n>/", pages.passage, name="passage"),
    path("d/<uuid:document_id>/", pages.document, name="document"),
    path("original/<uuid:version_id>/", pages.original, name="original"),
    path("sign-in/", sign_in_limited(people.sign_in), name="sign-in"),
    path("sign-in/link/<uid>/<token>/", remembers_device(people.sign_in_link), name="sign-in-link"),
    path("sign-in/sso/", single_sign_on.start, name="sso"),
    path("sign-in/sso/callback/", single_sign_on.callback, name="sso-callback"),
    path("sign-out/", people.sign_out, name="sign-out"),
    path("account/password/", people.change_password, name="change-password"),
    *account,
    path("pay/", pay.pay_list, name="pay"),
    path("pay/<uuid:paystub_id>/", pay.paystub, name="paystub"),
    path("pay/<uuid:paystub_id>/pdf/", pay.paystub_pdf, name="paystub-pdf"),
    path("leave/", leave.my_leave, name="my-leave"),
    path("leave/request/", leave.new_request, name="leave-request"),
    path("leave/<int:request_id>/cancel/", leave.cancel_request, name="leave-cancel"),
    path("leave/<int:request_id>/decide/", leave.decide, name="leave-decide"),
    path("leave/team/", leave.team_leave, name="team-leave"),
    path("leave/team/delegate/", leave.delegate, name="leave-delegate"),
    path("leave/team/delegations/<int:delegation_id>/end/", leave.end_delegation, name="leave-delegation-end"),
    path("favicon.ico", favicon, name="favicon"),
    path("api/", include("ragsite.urls.api")),
    path("admin/", admin.site.urls),
]

handler400 = "ragsite.pages.bad_request"
handler403 = "ragsite.pages.forbidden"
handler404 = "ragsite.pages.not_found"
handler500 = "ragsite.pages.server_error"
