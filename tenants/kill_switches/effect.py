"""How long a switch takes until every process of the installation refuses: measured, not promised.

Each web process and worker process runs a watcher (`tenants.kill_switches.watching`), which reads the switches twice a
second and notes in `switch_witnesses` up to which change it has read. The time to effect of a switch is the time from
its row until the last living process noted it, both by PostgreSQL's clock.
"""

import time
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.db.models import QuerySet

from tenants import context
from tenants.models import KillSwitch, SwitchWitness

# A process that was not heard of for so long is gone, or hangs; one that hangs answers nobody either.
ALIVE_SECONDS = 5.0
# Longer than any process takes that is alive (the cache's age and one reading); then it is counted as silent.
TIMEOUT_SECONDS = 5.0
_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Effect:
    """Until `seconds` after the switch `processes` had noticed; `silent` more had not when the waiting ended.

    `seconds` is None where no other process is alive: this one refuses at once.
    """

    seconds: float | None
    processes: int
    silent: int

    def __str__(self) -> str:
        if self.seconds is None:
            return "no web process or worker is running; every process that starts will refuse"
        text = f"{self.processes} process{'es' if self.processes != 1 else ''} refused within {self.seconds:.2f} s"
        return f"{text}; {self.silent} did not confirm it" if self.silent else text


def measure(*, switch: KillSwitch, timeout_seconds: float = TIMEOUT_SECONDS) -> Effect:
    """Wait until every living process has noticed the switch, and keep on its row how long that took.

    Call it after the transaction of the switch has ended; half a second where all is well.
    """
    deadline = time.monotonic() + timeout_seconds
    with context.enter_platform():
        while True:
            effect = _seen(switch)
            if effect.silent == 0 or time.monotonic() >= deadline:
                break
            time.sleep(_POLL_SECONDS)
        KillSwitch.objects.filter(pk=switch.pk).update(
            effect_seconds=effect.seconds, effect_processes=effect.processes, effect_silent=effect.silent
        )
    switch.effect_seconds, switch.effect_processes = effect.seconds, effect.processes
    switch.effect_silent = effect.silent
    return effect


def note(*, process: str, kind: str, generation: int) -> None:
    """A process has read the switches up to `generation`; it is alive. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO public.switch_witnesses AS w (process, kind, generation, noticed_at, alive_at)"
            " VALUES (%s, %s, %s, clock_timestamp(), clock_timestamp())"
            " ON CONFLICT (process) DO UPDATE SET alive_at = clock_timestamp(), generation = EXCLUDED.generation,"
            " noticed_at = CASE WHEN w.generation = EXCLUDED.generation THEN w.noticed_at ELSE clock_timestamp() END",
            [process, kind, generation],
        )


def leave(*, process: str) -> None:
    """The process ends; nobody waits for it any more."""
    with context.enter_platform():
        SwitchWitness.objects.filter(process=process).delete()


def forget_dead() -> None:
    """Rows of processes that ended without a word."""
    with context.enter_platform(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM public.switch_witnesses WHERE alive_at < clock_timestamp() - interval '1 day'")


def living() -> list[SwitchWitness]:
    """The processes that are heard of, by name."""
    with context.enter_platform():
        return list(_living().order_by("kind", "process"))


def _living() -> QuerySet[SwitchWitness]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    return SwitchWitness.objects.filter(alive_at__gt=now - timedelta(seconds=ALIVE_SECONDS))


def _seen(switch: KillSwitch) -> Effect:
    witnesses = list(_living())
    confirmed = [witness for witness in witnesses if witness.generation >= switch.generation]
    seconds = None
    if confirmed:
        last = max(witness.noticed_at for witness in confirmed)
        seconds = round(max((last - switch.enabled_at).total_seconds(), 0.0), 3)
    return Effect(seconds=seconds, processes=len(confirmed), silent=len(witnesses) - len(confirmed))
