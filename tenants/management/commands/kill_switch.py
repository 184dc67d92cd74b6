"""manage.py kill_switch on|off|status

kill_switch on --platform|--tenant acme|--tenant acme --employee 17 [--feature vectors] --reason "..." [--by E-MAIL]
               [--for 2h]
kill_switch off NUMBER --reason "..." --by E-MAIL [--request]
kill_switch status [--all]
"""

import re
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from audit import actors
from tenants import context
from tenants.kill_switches import effect, state
from tenants.kill_switches import services as switches
from tenants.management import operators
from tenants.management.base import find
from tenants.models import KillSwitch

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_MAX_DAYS = 365
_REFUSALS = (
    switches.AlreadyOff,
    switches.CannotSwitchOff,
    switches.NotOff,
    switches.ReasonNeeded,
    switches.SecondPersonNeeded,
)


class Command(BaseCommand):
    help = "Switch the platform, a company, a person or a feature off (`on` engages the switch), and on again (`off`)."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        on = verbs.add_parser("on", help="engage a switch; says how long it took until every process refused")
        whom = on.add_mutually_exclusive_group(required=True)
        whom.add_argument("--platform", action="store_true", help="every company")
        whom.add_argument("--tenant", metavar="NAME", help="schema name or host name of one company")
        on.add_argument("--employee", type=int, metavar="ID", help="one person of the company")
        on.add_argument("--feature", choices=KillSwitch.Feature.values, default=KillSwitch.Feature.EVERYTHING)
        on.add_argument("--for", dest="lasts", metavar="TIME", help="ends by itself, such as after 30m, 2h or 1d")
        off = verbs.add_parser("off", help="release a switch; takes another operator than the one who engaged it")
        off.add_argument("number", type=int, help="the switch's number, as `status` shows it")
        off.add_argument("--request", action="store_true", help="only ask for it; another operator decides")
        for verb in (on, off):
            verb.add_argument("--reason", required=True, help="kept in the audit log")
            verb.add_argument("--by", metavar="E-MAIL", help="the operator who decides this")
        status = verbs.add_parser("status", help="what is off, since when, by whom and why")
        status.add_argument("--all", action="store_true", help="those that have ended as well")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verb"] == "status":
            self._status(everything=options["all"])
            return
        by = operators.label_of(options["by"])
        with actors.acting_as(operators.acting(by)):
            try:
                said = self._on(by, options) if options["verb"] == "on" else self._off(by, options)
            except _REFUSALS as error:
                raise CommandError(str(error)) from None
        self.stdout.write(said)

    def _on(self, by: str, options: dict[str, Any]) -> str:
        scope = KillSwitch.Scope.PLATFORM
        if options["tenant"]:
            scope = KillSwitch.Scope.TENANT if options["employee"] is None else KillSwitch.Scope.EMPLOYEE
        switch = switches.engage(
            scope=scope,
            feature=options["feature"],
            tenant=find(options["tenant"]) if options["tenant"] else None,
            employee_id=options["employee"],
            by=by,
            reason=options["reason"],
            expires_at=timezone.now() + _duration(options["lasts"]) if options["lasts"] else None,
        )
        return f"Switch {switch.pk} is on: {_told(switch)}.\n{effect.measure(switch=switch)}."

    def _off(self, by: str, options: dict[str, Any]) -> str:
        with context.enter_platform():
            switch = KillSwitch.objects.select_related("tenant").filter(pk=options["number"]).first()
        if switch is None:
            raise CommandError(f"There is no switch {options['number']}; `kill_switch status` lists them.")
        if options["request"]:
            switches.request_release(switch=switch, by=by, reason=options["reason"])
            return f"Switch {switch.pk} stays on until another operator releases it; your request is kept."
        switches.release(switch=switch, by=by, reason=options["reason"])
        return f"Switch {switch.pk} is released: {_told(switch)}. What waited is sent on."

    def _status(self, *, everything: bool) -> None:
        with context.enter_platform():
            rows = KillSwitch.objects.select_related("tenant").order_by("-enabled_at", "-pk")
            listed = list(rows if everything else rows.in_force(timezone.now()))
        state.renew()
        for switch in listed:
            self.stdout.write(f"{switch.pk:>5}  {switch.get_state_display():8}  {_told(switch)}")
            self.stdout.write(
                f"{'':17}since {switch.enabled_at:%Y-%m-%d %H:%M} UTC by {switch.enabled_by}: {switch.reason}"
            )
            if switch.expires_at is not None:
                self.stdout.write(f"{'':17}ends by itself {switch.expires_at:%Y-%m-%d %H:%M} UTC")
            if switch.is_engaged and switch.release_requested_by:
                asked = f"{switch.release_requested_by}: {switch.release_request_reason}"
                self.stdout.write(f"{'':17}release asked for by {asked}")
            if switch.effect_seconds is not None:
                self.stdout.write(f"{'':17}took effect within {switch.effect_seconds:.2f} s")
        if not listed:
            self.stdout.write("Nothing is switched off.")
        self.stdout.write(f"{len(effect.living())} processes are watching.")


def _told(switch: KillSwitch) -> str:
    return f"{switch.get_feature_display().lower()} for {switch.target_label}"


def _duration(text: str) -> timedelta:
    found = re.fullmatch(r"(\d{1,6})([mhd])", text.strip().lower())
    if found is None or int(found[1]) == 0:
        raise CommandError(f"{text!r} is no time; write 30m, 2h or 1d.")
    lasts = timedelta(**{_UNITS[found[2]]: int(found[1])})
    if lasts > timedelta(days=_MAX_DAYS):
        raise CommandError(f"A switch lasts {_MAX_DAYS} days at most; without --for it lasts until it is released.")
    return lasts
