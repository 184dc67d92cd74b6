"""The operators' page of switches: what is off first, and what waits for a second person."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import CharField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.decorators import display

from audit import actors, markup, returning
from audit import services as audit
from audit.actions import confirmed
from audit.console import ReadOnlyAdmin, badge
from audit.stepping_up import step_up_first
from tenants.console import PlatformOnly
from tenants.kill_switches import effect, second_person
from tenants.kill_switches import services as switches
from tenants.kill_switches.forms import EngageForm
from tenants.models import KillSwitch

_REFUSALS = (switches.AlreadyOff, switches.CannotSwitchOff, switches.ReasonNeeded)
_WHO = ("enabled_by", "release_requested_by", "released_by")


class WaitingFilter(admin.SimpleListFilter):
    """What a second person has to decide on."""

    title = "release"
    parameter_name = "release"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("asked", "Asked for: waits for a second person")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.waiting_for_release() if self.value() == "asked" else queryset


@admin.register(KillSwitch)
class KillSwitchAdmin(PlatformOnly, ReadOnlyAdmin):
    """Switching off is a page of its own; releasing takes a second person."""

    empty_text = "Nothing is switched off, and nothing was."
    list_display = ["state_badge", "what", "whom", "reason", "began", "ends", "who_engaged", "took_effect"]
    list_display_links = ["what"]
    list_filter = ["state", WaitingFilter, "scope", "feature"]
    search_fields = ["reason", "tenant__name", "enabled_by"]
    # "engaged" stands before the others in the alphabet as well.
    ordering = ["state", "-enabled_at", "-pk"]
    list_select_related = ["tenant"]
    actions = ["request_release", "release"]
    actions_detail = ["request_release", "release"]
    fieldsets = [
        (None, {"fields": ["state_badge", "what", "whom", "reason", "began", "ends", "who_engaged", "took_effect"]}),
        ("Release", {"fields": ["who_asked", "release_request_reason", "who_released", "release_reason"]}),
    ]
    readonly_fields = [
        *("state_badge", "what", "whom", "reason", "began", "ends", "who_engaged", "took_effect"),
        *("who_asked", "release_request_reason", "who_released", "release_reason"),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.belongs_here() and bool(request.user.is_superuser)

    def has_release_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.belongs_here() and bool(request.user.is_superuser)

    def audit_target(self, obj: Any) -> str:
        return "platform" if obj.tenant is None else f"tenant:{obj.tenant.uuid}"

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        switch = self.get_object(request, str(object_id))
        actions = super().get_actions_detail(request, object_id)
        return second_person.offered(actions=actions, without="release", switch=switch)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        second_person.tell(request, switch=kwargs.get("obj"))
        return super().render_change_form(request, context, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[KillSwitch]:
        """With the e-mail addresses of who did what; one query."""
        operators = User.objects.filter(is_superuser=True).annotate(
            label=Concat(Value("operator:"), Cast("pk", CharField()))
        )
        named = {
            f"{field}_name": Coalesce(Subquery(operators.filter(label=OuterRef(field)).values("username")[:1]), field)
            for field in _WHO
        }
        found: QuerySet[KillSwitch] = super().get_queryset(request).annotate(**named)
        return found

    @display(description="State", ordering="state")
    def state_badge(self, switch: KillSwitch) -> SafeString:
        if not switch.is_engaged:
            return badge(text=switch.get_state_display(), tone="muted")
        if switch.release_requested_by:
            return badge(text="Off, release asked for", tone="waiting")
        return badge(text="Off", tone="bad")

    @display(description="What", ordering="feature")
    def what(self, switch: KillSwitch) -> str:
        return switch.get_feature_display()

    @display(description="For whom", ordering="tenant__name")
    def whom(self, switch: KillSwitch) -> str:
        return switch.target_label

    @display(description="Since", ordering="enabled_at")
    def began(self, switch: KillSwitch) -> SafeString | str:
        return markup.when(switch.enabled_at)

    @display(description="Until", ordering="expires_at")
    def ends(self, switch: KillSwitch) -> str:
        if switch.released_at is not None:
            return f"ended {switch.released_at:%Y-%m-%d %H:%M} UTC"
        return f"{switch.expires_at:%Y-%m-%d %H:%M} UTC" if switch.expires_at else "released by a second person"

    @display(description="By", ordering="enabled_by")
    def who_engaged(self, switch: KillSwitch) -> str:
        return _name(switch, "enabled_by")

    @display(description="Release asked for by")
    def who_asked(self, switch: KillSwitch) -> str:
        return _name(switch, "release_requested_by")

    @display(description="Released by")
    def who_released(self, switch: KillSwitch) -> str:
        return _name(switch, "released_by")

    @display(description="Took effect", ordering="effect_seconds")
    def took_effect(self, switch: KillSwitch) -> str:
        if switch.effect_seconds is None:
            return "–"
        text = f"{switch.effect_seconds:.2f} s, {switch.effect_processes} processes"
        return f"{text}, {switch.effect_silent} silent" if switch.effect_silent else text

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Switch something off. Says how long it took until every process refused: half a second where all is well."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if (asked := step_up_first(request)) is not None:
            return asked
        form = EngageForm(request.POST or None, initial={"reason": returning.given_reason(request), **_chosen(request)})
        if request.method == "POST" and form.is_valid():
            try:
                switch = switches.engage(**_given(form))
            except _REFUSALS as error:
                audit.record_refusal(verb="kill_switch.engage", reason=type(error).__name__)
                form.add_error(None, str(error))
            else:
                messages.success(
                    request, f"Switched off: {switch}. {effect.measure(switch=switch)}.".replace("..", ".")
                )
                otherwise = reverse("admin:tenants_killswitch_changelist")
                return HttpResponseRedirect(returning.way_back(request, otherwise=otherwise))
        values = {"title": "Switch off", "form": form, "media": self.media}
        return TemplateResponse(request, "admin/switch_off.html", {**self.admin_site.each_context(request), **values})

    @confirmed(
        description="Ask for release",
        consequence="It stays off until another operator releases it.",
        verb="kill_switch.request_release",
        permission="release",
        button="Ask for it",
        done="Asked for the release of",
        icon="front_hand",
        refusals=(switches.NotOff,),
        available=lambda switch: switch.is_engaged,
    )
    def request_release(self, request: HttpRequest, switch: KillSwitch, *, reason: str) -> None:
        switches.request_release(switch=switch, by=actors.current_actor().label, reason=reason)

    @confirmed(
        description="Release",
        consequence="It is on again at once, and what waited is sent on. "
        "Who switched it off, or asked for this, cannot do it.",
        verb="kill_switch.release",
        permission="release",
        button="Release",
        done="Released",
        icon="power_settings_new",
        step_up=True,
        refusals=(switches.NotOff, switches.SecondPersonNeeded),
        available=lambda switch: switch.is_engaged,
    )
    def release(self, request: HttpRequest, switch: KillSwitch, *, reason: str) -> None:
        switches.release(switch=switch, by=actors.current_actor().label, reason=reason)


def _name(switch: KillSwitch, field: str) -> str:
    return getattr(switch, f"{field}_name", getattr(switch, field)) or "–"


def _given(form: EngageForm) -> dict[str, Any]:
    given = form.cleaned_data
    return {
        "scope": given["scope"],
        "tenant": given["tenant"],
        "employee_id": given["employee_id"],
        "feature": given["feature"],
        "expires_at": given["lasts"],
        "reason": given["reason"],
        "by": actors.current_actor().label,
    }


def _chosen(request: HttpRequest) -> dict[str, str]:
    """What a link to the page has chosen already; the form checks it like anything else."""
    return {
        name: request.GET[name][:50] for name in ("scope", "tenant", "feature", "employee_id") if name in request.GET
    }
