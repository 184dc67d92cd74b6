"""A company's host: pages, API, admin."""

from django.contrib import admin
from django.http import HttpResponse
from django.urls import path

urlpatterns = [
    path("sign-in/", lambda request: HttpResponse(""), name="sign-in"),
    path("sign-in/link/<uid>/<token>/", lambda request, uid, token: HttpResponse(""), name="sign-in-link"),
    path("admin/", admin.site.urls),
]
