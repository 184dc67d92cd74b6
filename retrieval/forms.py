"""What people type into the employee pages."""

import unicodedata
from typing import Any

from django import forms
from django.conf import settings

from hr import attributes
from hr.access import Profile
from hr.models import Employee
from retrieval.answers import Standpoint
from retrieval.models import Feedback, Query
from tenants.days import validate_day

EMPTY_TEXT = "Please type a question."
FUTURE_TEXT = "What will be in force can be asked by HR only. Please choose today or an earlier day."


class _PlainTextField(forms.CharField):
    """Text in which a line break is one character, as people count, whatever the browser sends."""

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class StandpointForm(forms.Form):
    """From where a question is asked: another day, what was asked back, or as whom HR tries it."""

    as_of = forms.DateField(
        required=False, validators=[validate_day], error_messages={"invalid": "Please write a day such as 2026-03-01."}
    )
    about_country = forms.CharField(required=False, max_length=2)
    about_site = forms.CharField(required=False, max_length=100)
    about_employment_type = forms.CharField(required=False, max_length=16)
    as_role = forms.ChoiceField(required=False, choices=[("", ""), *Employee.Role.choices[:2]])
    as_department = forms.CharField(required=False, max_length=100)
    as_country = forms.CharField(required=False, max_length=2)
    as_site = forms.CharField(required=False, max_length=100)
    as_employment_type = forms.CharField(required=False, max_length=16)

    def standpoint(self) -> Standpoint:
        """The standpoint of a valid form."""
        given = self.cleaned_data
        about = {name: given[f"about_{name}"] for name in attributes.NAMES if given[f"about_{name}"]}
        profile = None
        if given["as_role"]:
            parts = {name: given[f"as_{name}"] for name in ("role", "department", *attributes.NAMES)}
            profile = Profile(**parts)
        return Standpoint(as_of=given["as_of"], assumed=about, profile=profile)


class QuestionForm(StandpointForm):
    """A question, and the conversation that it goes on with. The limits are those of retrieval.services.ask."""

    question = _PlainTextField(error_messages={"required": EMPTY_TEXT})
    conversation_id = forms.UUIDField(required=False)
    keep_private = forms.BooleanField(required=False)

    def clean_question(self) -> str:
        question: str = self.cleaned_data["question"]
        if not any(_is_visible(c) for c in question):
            raise forms.ValidationError(EMPTY_TEXT, code="required")
        if len(question) > settings.MAX_QUESTION_CHARS:
            raise forms.ValidationError(too_long_text(len(question)), code="too_long")
        return question


class RenameForm(forms.Form):
    """A conversation's title."""

    title = forms.CharField(max_length=200, error_messages={"required": "Please type a title."})


class LaneForm(forms.Form):
    """Who may read a question, as its asker wants it."""

    lane = forms.ChoiceField(choices=Query.Lane.choices)


class FeedbackForm(forms.Form):
    """A judgement of one answer."""

    rating = forms.ChoiceField(choices=Feedback.Rating.choices)
    comment = _PlainTextField(required=False, max_length=2000)
    is_hallucination = forms.BooleanField(required=False)
    share = forms.BooleanField(required=False)


def too_long_text(length: int) -> str:
    """What to do about a question of `length` characters."""
    return f"Your question has {length:,} characters; {settings.MAX_QUESTION_CHARS:,} are possible. Please shorten it."


def _is_visible(character: str) -> bool:
    return not character.isspace() and unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Cn", "Co")
