"""The two forms above every list."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_POST

from ragsite.saved_filters import services
from ragsite.saved_filters.models import SavedFilter


class _Form(forms.Form):
    page = forms.RegexField(r"^[a-z0-9_]{3,120}$")
    name = forms.CharField(max_length=60)
    query = forms.CharField(max_length=2000, required=False)


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the list's filter, and show the list with it."""
    form = _Form(request.POST)
    if not form.is_valid():
        page = form.cleaned_data.get("page", "")
        if not _may_see(request, page):
            raise Http404
        messages.error(request, "Give the filter a name of at most 60 characters.")
        return HttpResponseRedirect(list_url(page))
    page, query = form.cleaned_data["page"], form.cleaned_data["query"]
    if not _may_see(request, page):
        raise Http404
    owner_id = request.user.pk
    assert owner_id is not None, "the console was entered"
    try:
        row = services.save_filter(owner_id=owner_id, page=page, name=form.cleaned_data["name"], query=query)
    except (services.NothingToSave, services.TooManyFilters) as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(f"{list_url(page)}?{services.normalised(query)}")
    messages.success(request, f"Saved: {row.name}.")
    return HttpResponseRedirect(f"{list_url(page)}?{row.query}")


@require_POST
def delete(request: HttpRequest, filter_id: int) -> HttpResponse:
    row = SavedFilter.objects.filter(pk=filter_id, owner_id=request.user.pk).first()
    if row is None:
        raise Http404
    page = row.page
    services.delete_filter(row=row)
    messages.success(request, f"Deleted: {row.name}.")
    return HttpResponseRedirect(list_url(page) or reverse("admin:index"))


def list_url(page: str) -> str:
    """The changelist of `app_model`, or nothing when there is none."""
    try:
        return reverse(f"admin:{page}_changelist")
    except NoReverseMatch:
        return ""


def _may_see(request: HttpRequest, page: str) -> bool:
    model_admin: Any
    for model, model_admin in admin.site._registry.items():
        if f"{model._meta.app_label}_{model._meta.model_name}" == page:
            return bool(model_admin.has_view_permission(request))
    return False
