"""localhost and other platform hosts: the operators' console."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from ragsite.pages import favicon

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index"), name="platform-home"),
    path("favicon.ico", favicon, name="favicon"),
    path("admin/", admin.site.urls),
]
