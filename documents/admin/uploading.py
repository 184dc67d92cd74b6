"""The upload page: one or many files, by script one request each with progress, without script as one plain form."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.widgets import UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from audit import markup
from documents import rights, services
from documents.admin.forms import AudienceFields, TermsFields
from documents.models import Document
from hr.access import Audience
from tenants import context
from tenants.kill_switches import wording
from tenants.kill_switches.state import Feature, SwitchedOff

# What the formats in documents.parsing.formats are usually called; the content decides, not the name.
ACCEPTED_NAMES = ".pdf,.docx,.md,.markdown,.html,.htm,.txt"
MAX_FILES = 20
_NOTES = {
    "": "",
    "already_there_confidential": "It is confidential and stays so. To open it to everybody, change that on its page.",
    "made_confidential": "It was open to everybody; from now on only HR and owners can read it.",
    "tried_again": "It could not be read before; it is being processed again.",
}


@dataclass(frozen=True)
class Outcome:
    """What became of one file."""

    name: str
    outcome: Literal["accepted", "recognised", "refused"]
    message: str
    url: str = ""


class UploadForm(AudienceFields, TermsFields):
    """What is asked beside the files. A new version of a document has no readers of its own: the document's stay."""

    title = forms.CharField(
        required=False,
        max_length=300,
        help_text="For a single file; otherwise each document is called after its file.",
        widget=UnfoldAdminTextInputWidget,
    )
    # The template asks with two radio buttons: Everybody sends nothing, Confidential sends "on".
    is_confidential = forms.BooleanField(required=False)
    keep_as_draft = forms.BooleanField(
        required=False,
        label="Keep as draft",
        help_text="It is read and can be looked at here, but answers nothing until somebody publishes it.",
        widget=UnfoldBooleanWidget,
    )

    def given_audience(self) -> Audience | None:
        """Readers that were chosen beyond confidential or not; call it after validation."""
        audience = self.audience(is_confidential=bool(self.cleaned_data["is_confidential"]))
        return audience if any(self.cleaned_data[name] for name in AudienceFields.base_fields) else None

    def terms(self) -> services.Terms:
        """Days and people of the new versions; call it after validation."""
        return services.Terms(
            window=self.window(),
            applicability=self.applicability(),
            publish=not self.cleaned_data["keep_as_draft"],
        )


def upload(model_admin: Any, request: HttpRequest, *, document: Document | None) -> HttpResponse:
    """GET: the page. POST: take the files; JSON for the page's script, otherwise the page with a line for each file.

    With `document` the files become new versions of it.
    """
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    outcomes = _take(request, document) if request.method == "POST" else []
    if request.method == "POST" and request.headers.get("Accept") == "application/json":
        status = 413 if getattr(request, "upload_too_large", False) else 200
        return JsonResponse({"files": [asdict(outcome) for outcome in outcomes]}, status=status)
    if request.method == "POST" and not outcomes:
        messages.error(request, "Choose at least one file.")
    form = UploadForm(request.POST or None)
    form.is_valid()
    more = [form[name] for name in (*TermsFields.base_fields, "keep_as_draft")]
    values = {
        **model_admin.admin_site.each_context(request),
        "title": f"New version of {document}" if document else "Upload documents",
        "media": model_admin.media + form.media,
        "form": form,
        "audience_fields": [] if document else [form[name] for name in AudienceFields.base_fields],
        "terms_fields": more,
        "requires_review": context.current_tenant().requires_review,
        "document": document,
        "outcomes": outcomes,
        "accepted_names": ACCEPTED_NAMES,
        "max_files": MAX_FILES,
        "max_upload_bytes": settings.MAX_UPLOAD_BYTES,
        "max_size": markup.file_size(settings.MAX_UPLOAD_BYTES),
    }
    return TemplateResponse(request, "admin/documents/document/upload.html", values)


def too_large_message() -> str:
    return f"Larger than {markup.file_size(settings.MAX_UPLOAD_BYTES)}, the limit. Make pictures smaller or split it."


def _take(request: HttpRequest, document: Document | None) -> list[Outcome]:
    files = request.FILES.getlist("files")
    if getattr(request, "upload_too_large", False):
        # Reading stopped at the limit; what had come before it was dropped with it.
        return [Outcome(name="The upload", outcome="refused", message=too_large_message())]
    if len(files) > MAX_FILES:
        return [Outcome(name="The upload", outcome="refused", message=f"At most {MAX_FILES} files at a time.")]
    form = UploadForm(request.POST)
    if not form.is_valid() and set(form.errors) - {"title"}:
        problem = "; ".join(str(error) for errors in form.errors.values() for error in errors)
        return [Outcome(name=file.name or "document", outcome="refused", message=problem) for file in files]
    title = form.cleaned_data.get("title", "") if len(files) == 1 else ""
    return [_receive(file, title=title, form=form, document=document) for file in files]


def _receive(file: UploadedFile, *, title: str, form: UploadForm, document: Document | None) -> Outcome:
    name = file.name or "document"
    try:
        receipt = services.receive(
            source=file.file,  # type: ignore[arg-type]
            original_name=name,
            title=title,
            is_confidential=bool(form.cleaned_data["is_confidential"]) if document is None else None,
            document=document,
            audience=form.given_audience() if document is None else None,
            terms=form.terms(),
        )
    except services.UploadTooLarge:
        return Outcome(name=name, outcome="refused", message=too_large_message())
    except services.EmptyTitle:
        return Outcome(name=name, outcome="refused", message="The file needs a name, or give it a title.")
    except (rights.UnknownValue, services.TooManyKeys) as error:
        return Outcome(name=name, outcome="refused", message=str(error))
    except SwitchedOff:
        return Outcome(name=name, outcome="refused", message=wording.REFUSED[Feature.UPLOADS])
    except services.DocumentGone:
        return Outcome(name=name, outcome="refused", message="The document was deleted meanwhile.")
    except services.StorageUnavailable:
        return Outcome(name=name, outcome="refused", message="The file store is down. Nothing was saved; try again.")
    url = reverse("admin:documents_document_change", args=(receipt.version.document_id,))
    if receipt.recognised:
        what = f"Already there as “{receipt.version.document.title}”, version {receipt.version.number}."
        return Outcome(name=name, outcome="recognised", message=f"{what} {_NOTES[receipt.note]}".strip(), url=url)
    return Outcome(name=name, outcome="accepted", message="Accepted; processing has begun.", url=url)
