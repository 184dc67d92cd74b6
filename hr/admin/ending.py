"""Where a person is signed in, as HR sees it to end sessions for them: the places, and nothing of what is done."""

from typing import Any

from django import forms
from django.utils import timezone
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from audit import markup
from audit.actions import ReasonForm
from hr import signed_in


class EndSessionsForm(ReasonForm):
    """One box for each place. That the person's page was read is recorded before this is shown."""

    places = forms.MultipleChoiceField(
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        label="Signed in with",
        error_messages={"required": "Choose at least one; there may be none left."},
    )
    field_order = ["places", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        now = timezone.now()
        employee: Any = self.objects[0]
        places = signed_in.signed_in_of(user=employee.user, now=now)
        self.fields["places"].choices = [(place.ref, _words(place, now)) for place in places]  # type: ignore[attr-defined]
        if not places:
            self.fields["places"].help_text = "Nowhere at the moment."


def _words(place: signed_in.SignedIn, now: Any) -> str:
    kind = "Browser" if place.kind == "browser" else "Program"
    used = markup.ago(place.last_used_at, now=now)
    return f"{kind}: {place.browser}, {place.network}, since {place.created_at:%Y-%m-%d %H:%M} UTC, last used {used}"
