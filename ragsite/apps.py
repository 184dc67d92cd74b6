from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class RagsiteConfig(AppConfig):
    name = "ragsite"
    verbose_name = "Installation"
    default = True

    def ready(self) -> None:
        """Tasks sent from any process and any thread go to our broker.

        Without this a web process would hand them to Celery's built-in app, which looks for RabbitMQ on localhost.
        Being the current app is a matter of the thread, so it has to be the default as well.
        """
        from ragsite import heartbeats  # noqa: F401  (its signals: worker and beat tell that they live)
        from ragsite.celery import app

        app.set_default()


class ConsoleConfig(admin_apps.AdminConfig):
    """Django's admin with our own site."""

    default = False
    default_site = "ragsite.adminsite.Console"
