from django.apps import AppConfig


class SavedFiltersConfig(AppConfig):
    name = "ragsite.saved_filters"
    label = "saved_filters"
    verbose_name = "Saved filters"
