"""localhost and other platform hosts: the operators' console."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from ragsite.pages import favicon
from ragsite.urls.account import account

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index"), name="platform-home"),
    path("favicon.ico", favicon, name="favicon"),
    *account,
    path("api/", include("ragsite.urls.platform_api")),
    path("admin/", admin.site.urls),
]

# The same pages as in companies; without them an unwritable audit log was a plain 500 here.
handler400 = "ragsite.pages.bad_request"
handler403 = "ragsite.pages.forbidden"
handler404 = "ragsite.pages.not_found"
handler500 = "ragsite.pages.server_error"
