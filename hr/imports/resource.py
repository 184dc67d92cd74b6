"""django-import-export's description of a person: the same columns in and out."""

from typing import Any

from import_export import resources
from import_export.fields import Field

from hr.imports import widgets
from hr.imports.columns import NAMES
from hr.models import Employee


class EmployeeResource(resources.ModelResource):
    """Reads cells, and writes lists of people. Rows are checked together and written by hr.imports, not one by one."""

    employee_number = Field("employee_number", "employee_number", widgets.TextWidget(max_chars=32))
    email = Field("email", "email", widgets.EmailWidget(max_chars=254))
    first_name = Field("first_name", "first_name", widgets.TextWidget(max_chars=150))
    last_name = Field("last_name", "last_name", widgets.TextWidget(max_chars=150))
    role = Field("role", "role", widgets.role_widget())
    department = Field("department", "department", widgets.TextWidget(max_chars=100))
    manager_number = Field("manager__employee_number", "manager_number", widgets.TextWidget(max_chars=32))
    country = Field("country", "country", widgets.CountryWidget(max_chars=100))
    site = Field("site", "site", widgets.TextWidget(max_chars=100))
    employment_type = Field("employment_type", "employment_type", widgets.employment_type_widget())
    grade = Field("grade", "grade", widgets.TextWidget(max_chars=32))
    working_days_per_week = Field("working_days_per_week", "working_days_per_week", widgets.WorkingDaysWidget())
    start_date = Field("start_date", "start_date", widgets.DayWidget())
    end_date = Field("end_date", "end_date", widgets.DayWidget())
    language = Field("language", "language", widgets.LanguageWidget(max_chars=40))
    active = Field("is_active", "active", widgets.ActiveWidget())

    class Meta:
        model = Employee
        fields = NAMES
        export_order = NAMES
        import_id_fields = ("employee_number",)

    def read_cell(self, *, column: str, text: str) -> Any:
        """The value of a cell.

        :raises ValueError: says what is wrong with it.
        """
        if widgets.is_formula(text):
            raise widgets.BadCell("Begins like a formula; nothing in a record may.")
        return self.fields[column].widget.clean(text)
