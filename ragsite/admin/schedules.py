"""What runs on a schedule. Read-only, platform host only."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django_celery_beat.models import PeriodicTask
from unfold.decorators import display

from audit import markup
from audit.console import ReadOnlyAdmin, badge
from tenants.console import PlatformOnly


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(PlatformOnly, ReadOnlyAdmin):
    """Schedules come from settings; beat writes when it last sent them."""

    list_display = ["state_badge", "name", "task", "every", "last_sent", "total_run_count"]
    list_display_links = ["name"]
    list_select_related = ["interval", "crontab", "solar", "clocked"]
    ordering = ["name", "pk"]
    fields = ["state_badge", "name", "task", "every", "last_sent", "total_run_count"]
    readonly_fields = fields

    @display(description="State", ordering="enabled")
    def state_badge(self, task: PeriodicTask) -> SafeString:
        return badge(text="On", tone="good") if task.enabled else badge(text="Off", tone="muted")

    @display(description="Runs")
    def every(self, task: PeriodicTask) -> str:
        return str(task.scheduler) if task.interval or task.crontab else "–"

    @display(description="Last sent", ordering="last_run_at")
    def last_sent(self, task: PeriodicTask) -> SafeString | str:
        return markup.when(task.last_run_at)
