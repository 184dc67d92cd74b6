"""What people type about leave."""

from typing import Any

from django import forms
from django.db.models import Q

from hr.models import Employee
from hr.services import leave
from tenants.days import validate_day

MAX_COMMENT_CHARS = 500
# Of the company's people, those who could sensibly stand in; a list of everybody could not be read.
MAX_COLLEAGUES = 100


class _Day(forms.DateInput):
    """The browser's own calendar; a value is written as the browser reads it."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class WishForm(forms.Form):
    """Kind, days, halves, who stands in, a word to whoever decides."""

    type_code = forms.ChoiceField(label="Kind of leave")
    first_day = forms.DateField(
        label="First day", validators=[validate_day], widget=_Day, error_messages={"required": "Please choose a day."}
    )
    last_day = forms.DateField(
        label="Last day",
        required=False,
        validators=[validate_day],
        widget=_Day,
        help_text="Left empty: the first day only.",
    )
    first_day_half = forms.BooleanField(label="The first day from noon", required=False)
    last_day_half = forms.BooleanField(label="The last day until noon", required=False)
    delegate_id = forms.TypedChoiceField(label="Who stands in", required=False, coerce=int, empty_value=None)
    comment = forms.CharField(
        label="Comment",
        required=False,
        max_length=MAX_COMMENT_CHARS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Read by whoever decides. No health details, please.",
    )

    def __init__(self, data: Any = None, *, employee: Employee, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.fields["type_code"].choices = [  # type: ignore[attr-defined]
            (kind.code, kind.name) for kind in leave.types_on_offer()
        ]
        self.fields["delegate_id"].choices = [  # type: ignore[attr-defined]
            ("", "Nobody in particular"),
            *((str(person.pk), str(person)) for person in _colleagues(employee)),
        ]

    def wish(self) -> leave.Wish:
        """What a valid form asks for."""
        values = dict(self.cleaned_data)
        values["last_day"] = values["last_day"] or values["first_day"]
        return leave.Wish(**values)


class DecisionForm(forms.Form):
    """A word to the person; needed when their wish is refused."""

    comment = forms.CharField(
        label="Comment", required=False, max_length=MAX_COMMENT_CHARS, widget=forms.Textarea(attrs={"rows": 3})
    )


class DelegationForm(forms.Form):
    """To whom, from when to when."""

    delegate_id = forms.TypedChoiceField(label="Who decides for you", coerce=int)
    first_day = forms.DateField(label="First day", validators=[validate_day], widget=_Day)
    last_day = forms.DateField(label="Last day", validators=[validate_day], widget=_Day)

    def __init__(self, data: Any = None, *, manager: Employee) -> None:
        super().__init__(data)
        self.fields["delegate_id"].choices = [  # type: ignore[attr-defined]
            ("", "Please choose"),
            *((str(person.pk), str(person)) for person in leave.delegation_candidates(manager=manager)),
        ]


def _colleagues(employee: Employee) -> list[Employee]:
    """The own team: manager, reports, and who has the same manager."""
    near = Q(manager=employee)
    if employee.manager_id:
        near |= Q(manager_id=employee.manager_id) | Q(pk=employee.manager_id)
    people = Employee.objects.active().filter(near).exclude(pk=employee.pk)
    return list(people.order_by("last_name", "first_name", "pk")[:MAX_COLLEAGUES])
