"""What a list or page says about a version: state first, since when, what went wrong, what happens next."""

from datetime import date, datetime

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from audit import markup
from audit.console import badge
from documents import rights
from documents.models import Document, DocumentVersion
from documents.parsing import codes
from hr.access import Audience

State = DocumentVersion.State
Publication = DocumentVersion.Publication
_NAME_CHARS = 80
TONES: dict[str, str] = {
    State.RECEIVED: "waiting",
    State.PARSING: "working",
    State.CHUNKING: "working",
    State.INDEXING: "working",
    State.READY: "good",
    State.REJECTED: "bad",
    State.FAILED: "bad",
}


def state_cell(version: DocumentVersion | None) -> SafeString | str:
    """The state as a badge, with the time since when. Unfinished ones carry a mark that the page's script waits for."""
    if version is None:
        return badge(text="No file", tone="muted")
    is_final = version.state in DocumentVersion.FINAL
    return format_html(
        '<span class="ao-state">{} {}</span>' if is_final else '<span class="ao-state" data-unfinished>{} {}</span>',
        badge(text=version.get_state_display(), tone=TONES.get(version.state, "muted")),
        markup.when(since(version)),
    )


def name_cell(name: str, *, suffix: str = "") -> SafeString:
    """A title or file name, shortened so that one long name leaves room for the other columns; whole as the title."""
    return format_html('<span class="ao-name" title="{}">{}</span>', f"{name}{suffix}", _shortened(name) + suffix)


def _shortened(name: str) -> str:
    return Truncator(name).chars(_NAME_CHARS)


def since(version: DocumentVersion) -> datetime:
    """When it came into its state, as far as the row tells."""
    return version.finished_at or version.parsed_at or version.received_at


def problem_cell(version: DocumentVersion | None) -> SafeString | str:
    """Code and message of the last refusal; the whole advice is the title."""
    if version is None or not version.error_code:
        return "–"
    text = advice(version)
    first_sentence = text.split(". ")[0]
    return format_html(
        '<span class="ao-problem" title="{}"><code>{}</code> {}</span>', text, version.error_code, first_sentence
    )


def advice(version: DocumentVersion) -> str:
    """What to do about a refusal: the code's advice, or the stored message for codes that are not the parser's."""
    known = codes.CODES.get(version.error_code)
    return str(known) if known is not None else version.error_message or version.error_code


def next_step(version: DocumentVersion | None) -> str:
    """What happens next by itself, or what a person has to do."""
    if version is None:
        return "Upload a file"
    tries = f"try {max(version.attempts, 1)} of {settings.INGEST_MAX_ATTEMPTS}"
    if version.state == State.RECEIVED:
        return "Waits for a worker" if version.attempts == 0 else f"Waits for another try ({version.attempts} so far)"
    if version.state in DocumentVersion.WORKING:
        until = f", taken back at {version.lease_until:%H:%M:%S} UTC" if version.lease_until else ""
        return f"{tries.capitalize()}{until}"
    if version.state == State.REJECTED:
        return "Upload a corrected file"
    if version.state == State.FAILED:
        return "Press Retry"
    return "–"


def content_cell(version: DocumentVersion | None) -> SafeString | str:
    """Passages, pages (where the format has them) and size."""
    if version is None:
        return "–"
    counts = [_counted(version.chunk_count, "passage"), _counted(version.page_count or 0, "page")]
    return format_html(
        '<span class="ao-content">{}</span> <span class="ao-note">{}</span>',
        ", ".join(count for count in counts if count),
        markup.file_size(version.size_bytes),
    )


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}" if count else ""


def readers_cell(document: Document) -> SafeString | str:
    """Who may read it, as one word. No query."""
    if document.is_confidential:
        return badge(text="Confidential", tone="secret", title="Visible to HR and owners only")
    if document.subject_id is not None:
        return badge(text="Personal", tone="secret", title="Visible to one person and HR only")
    if rights.audience_of(document) != Audience():
        return badge(text="Some", tone="working", title="See its page for whom")
    return "Everybody"


def publication_cell(version: DocumentVersion | None, *, today: date) -> SafeString | str:
    """How far HR is with it, and since or until when. No query."""
    if version is None:
        return "–"
    text, tone, note = publication_of(version, today=today)
    return format_html(
        '<span class="ao-state">{} <span class="ao-note">{}</span></span>', badge(text=text, tone=tone), note
    )


def in_force_cell(newest: DocumentVersion | None, *, in_force_since: date | None, today: date) -> SafeString | str:
    """For a document: that some version is in force, and what becomes of the newest if it is another. No query."""
    if newest is None or in_force_since is None:
        return publication_cell(newest, today=today)
    text, _, note = publication_of(newest, today=today)
    if text == "In force":
        return publication_cell(newest, today=today)
    word = badge(text="In force", tone="good")
    said = f"since {in_force_since}; version {newest.number}: {text.lower()} {note}".strip()
    return format_html('<span class="ao-state">{} <span class="ao-note">{}</span></span>', word, said)


def publication_of(version: DocumentVersion, *, today: date) -> tuple[str, str, str]:
    """Word, tone and note about a version's publication on that day."""
    first, last = version.effective_from, version.effective_to
    if version.publication == Publication.WITHDRAWN:
        return "Withdrawn", "muted", version.withdrawn_reason
    if version.publication == Publication.DRAFT:
        return "Draft", "waiting", f"planned from {first}" if first else ""
    if version.publication == Publication.IN_REVIEW:
        return ("Approved", "working", "ready to be published") if version.reviewed_at else ("In review", "waiting", "")
    if version.state != State.READY or first is None:
        return "To be published", "waiting", f"from {first}" if first else "when it is ready"
    until = f" until {last}" if last else ""
    if first > today:
        return "Scheduled", "working", f"from {first}{until}"
    if last is not None and last < today:
        return "Past", "muted", f"{first} to {last}"
    return "In force", "good", f"since {first}{until}"
