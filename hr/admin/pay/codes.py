"""Pay codes in the admin: what the lines mean, in the company's own words."""

from typing import Any

from django.contrib import admin
from django.core.validators import RegexValidator
from django.http import HttpRequest

from audit.console import ConsoleAdmin
from hr.admin.pay.gate import EditedForPay
from hr.models import PayCode
from hr.services import pay

_CODE = RegexValidator(r"^[A-Z0-9_-]{1,32}$", "Capital letters, digits, - and _ only.")


@admin.register(PayCode)
class PayCodeAdmin(EditedForPay, ConsoleAdmin):
    """What the lines mean, in the company's own words."""

    empty_text = "Each line of a paystub has a code; explain it here, and the assistant can."
    list_display = ["code", "label", "kind", "explanation"]
    list_filter = ["kind"]
    search_fields = ["code", "label", "explanation"]
    ordering = ["kind", "code"]
    fields = ["code", "label", "kind", "explanation"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [] if obj is None else ["code"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if "code" in form.base_fields:
            form.base_fields["code"].validators.append(_CODE)
        return form

    def save_model(self, request: HttpRequest, obj: PayCode, form: Any, change: bool) -> None:
        values = {"label": obj.label, "kind": obj.kind, "explanation": obj.explanation}
        if change:
            pay.change_pay_code(pay_code=obj, **values)
            return
        obj.__dict__.update(pay.create_pay_code(code=obj.code, **values).__dict__)
