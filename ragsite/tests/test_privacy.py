"""Every field of every row that a company keeps is classified beside the model (STYLE, rule 17)."""

import pytest
from django.apps import apps
from django.conf import settings

NAMES = ("audit", "hr", "documents", "retrieval", "tenants", "ragsite", "ragsite.saved_filters")
OURS = [app.label for app in apps.get_app_configs() if app.name in NAMES]
# Without the tables behind many-to-many fields: those are named by their fields.
MODELS = [model for label in OURS for model in apps.get_app_config(label).get_models()]


def columns(model):
    """Fields with a column of their own, and the sides of many-to-many fields that are kept here."""
    return {field.name for field in model._meta.get_fields() if field.concrete and not field.auto_created} | {
        model._meta.pk.name
    }


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_field_is_classified_once_and_with_a_reason(model):
    in_companies = model._meta.app_label in settings.TENANT_APPS
    if not in_companies and not hasattr(model, "Privacy"):
        pytest.skip("in the public schema, which keeps no personal table")
    erase, keep = (getattr(model.Privacy, name, {}) for name in ("erase", "keep"))

    assert columns(model) - erase.keys() - keep.keys() == set(), "fields without a class"
    assert erase.keys() | keep.keys() <= columns(model), "classes without a field"
    assert not erase.keys() & keep.keys(), "fields with two classes"
    assert all(str(reason).strip() for reason in (*erase.values(), *keep.values()))


def test_all_apps_of_companies_are_looked_at():
    own = [app for app in settings.TENANT_APPS if not app.startswith(("django.", "axes", "allauth", "ragsite.apps"))]

    assert set(own) <= set(NAMES)
