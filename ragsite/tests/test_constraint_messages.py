"""Who breaks a rule of the database in a form reads a sentence, never the constraint's name."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import BaseConstraint, UniqueConstraint

from audit.console import ReadOnlyAdmin

TENANT_APPS = ("hr", "documents", "retrieval", "audit")
# Rows of these apps are validated in forms, by imports and by the API; of the others, those that the console edits.
ALWAYS = {"hr", "documents"}
# The console shows the topic and edits the words only, so no form checks this one.
IN_NO_FORM = {"sensitive_topic_known"}


def reached_by_a_form() -> list[BaseConstraint]:
    found = []
    for model in (model for app in TENANT_APPS for model in apps.get_app_config(app).get_models()):
        page = admin.site._registry.get(model)
        if model._meta.app_label in ALWAYS or (page is not None and not isinstance(page, ReadOnlyAdmin)):
            found += [each for each in model._meta.constraints if each.name not in IN_NO_FORM]
    return found


def speaks_for_itself(constraint: BaseConstraint) -> bool:
    """Django names the fields of a plain one: "Pay code with this Code already exists."."""
    return isinstance(constraint, UniqueConstraint) and constraint.condition is None and bool(constraint.fields)


@pytest.mark.parametrize("constraint", [pytest.param(each, id=each.name) for each in reached_by_a_form()])
def test_a_broken_rule_is_told_in_a_sentence(constraint: BaseConstraint) -> None:
    said = str(constraint.get_violation_error_message())

    assert speaks_for_itself(constraint) or constraint.name not in said, f"{constraint.name} has no message for people"
    assert speaks_for_itself(constraint) or said.endswith("."), said
