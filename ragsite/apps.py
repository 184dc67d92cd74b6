from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class RagsiteConfig(AppConfig):
    name = "ragsite"
    verbose_name = "Installation"
    default = True


class ConsoleConfig(admin_apps.AdminConfig):
    """Django's admin with our own site."""

    default = False
    default_site = "ragsite.adminsite.Console"
