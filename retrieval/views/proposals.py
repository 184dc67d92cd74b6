"""The click that does what was shown, and the days for a leave request that the words did not say."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from hr.pages import employee_page
from hr.services import leave
from retrieval import services
from retrieval.models import Conversation, ToolProposal
from retrieval.services import confirming
from retrieval.views.asking import FAILED_TEXT
from tenants.days import validate_day


class DaysForm(forms.Form):
    """Days for a leave request. The last one left out is the first."""

    first_day = forms.DateField(validators=[validate_day])
    last_day = forms.DateField(required=False, validators=[validate_day])
    part = forms.ChoiceField(choices=[("", ""), ("morning", ""), ("afternoon", "")], required=False)
    leave_type = forms.CharField(max_length=100, required=False)

    def words(self) -> str:
        """The same as a message, which is heard like every other."""
        first, last = self.cleaned_data["first_day"], self.cleaned_data["last_day"]
        part, code = self.cleaned_data["part"], self.cleaned_data["leave_type"]
        kind = next((one.name for one in leave.types_on_offer() if one.code == code != "vacation"), "leave")
        if last and last != first:
            return f"Please request {kind.lower()} for me from {first.isoformat()} to {last.isoformat()}."
        return f"Please request {kind.lower()} for me on {first.isoformat()}{f' in the {part}' if part else ''}."


@require_POST
@employee_page
def confirm(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """Do what was proposed, then back to the answer, which says what was done."""
    employee = request.employee  # type: ignore[attr-defined]
    try:
        result = confirming.confirm(proposal_id=proposal_id, digest=request.POST.get("digest", ""), employee=employee)
    except confirming.ProposalNotFound:
        raise Http404 from None
    except confirming.ProposalRefused as error:
        messages.error(request, str(error))
    else:
        said = messages.success if result.status == "done" else messages.error
        said(request, result.text)
    query = ToolProposal.objects.select_related("query").get(pk=proposal_id, employee=employee).query
    return redirect(reverse("conversation", kwargs={"conversation_id": query.conversation_id}) + f"#a-{query.pk}")


@require_POST
@employee_page
def leave_days(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Ask for leave with the days of the form, in the conversation that asked back for them."""
    scope = request.scope  # type: ignore[attr-defined]
    if not Conversation.objects.owned_by(scope).filter(pk=conversation_id).exists():
        raise Http404
    back = reverse("conversation", kwargs={"conversation_id": conversation_id})
    form = DaysForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Please choose the first day off, and a last day that is a date or empty.")
        return redirect(back)
    try:
        answer = services.ask(
            question=form.words(),
            employee=request.employee,  # type: ignore[attr-defined]
            conversation_id=conversation_id,
        )
    except services.AskFailed:
        response = render(request, "errors/503.html", status=503)
        response["Retry-After"] = "30"
        return response
    except services.SearchUnavailable:
        messages.error(request, FAILED_TEXT)
        return redirect(back)
    return redirect(f"{back}#a-{answer.query_id}")
