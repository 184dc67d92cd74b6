"""Lists of people from and to spreadsheets: read, checked as a whole, written in one go."""

from hr.imports.columns import COLUMNS, Column
from hr.imports.exporting import export_people, template_file
from hr.imports.plan import Entry, Plan, make_plan
from hr.imports.problems import Problem
from hr.imports.sheets import Sheet, SheetRefused, read_sheet
from hr.imports.writing import write_plan

__all__ = [
    "COLUMNS",
    "Column",
    "Entry",
    "Plan",
    "Problem",
    "Sheet",
    "SheetRefused",
    "export_people",
    "make_plan",
    "read_sheet",
    "template_file",
    "write_plan",
]
