"""Rules with a company's own figures, and what they found. Imported by audit.models."""

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q


class Rule(models.TextChoices):
    """What is looked for. The value is stable: metrics, the API and findings carry it."""

    BURST = "burst", "Much more than usual at once"
    OFF_HOURS = "off_hours", "Reading outside working hours"
    OTHERS_NAMED = "others_named", "Questions about other people"
    INJECTION_QUESTION = "injection_question", "Questions that give the assistant orders"
    INJECTION_DOCUMENT = "injection_document", "Documents that give the assistant orders"
    DENIED_RATE = "denied_rate", "Many refusals"
    CONFIDENTIAL_REFUSALS = "confidential_refusals", "Documents that are closed to them"
    SIGN_IN_FAILURES = "sign_in_failures", "Failed sign-ins to several accounts"
    TOKEN_REUSE = "token_reuse", "A token used twice, or at the wrong company"


class SuspicionRule(models.Model):
    """One rule with the figures that count here. Its rows are made by migration; nobody adds or deletes any."""

    rule = models.CharField(max_length=32, choices=Rule.choices, unique=True, editable=False)
    is_on = models.BooleanField("on", default=True)
    threshold = models.PositiveIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(100_000)],
        help_text="Fewer than this in the window is never a finding.",
    )
    window_minutes = models.PositiveIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(1440)], help_text="What happens within so many minutes."
    )
    factor = models.FloatField(
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="How many times the person's own usual figure of the 28 days before, for rules that compare.",
    )
    day_begins_hour = models.PositiveSmallIntegerField(
        default=6, validators=[MaxValueValidator(23)], help_text="Working hours begin, in the company's time zone."
    )
    day_ends_hour = models.PositiveSmallIntegerField(
        default=21, validators=[MinValueValidator(1), MaxValueValidator(24)], help_text="Working hours end."
    )
    working_days = models.CharField(
        max_length=7,
        default="12345",
        validators=[RegexValidator(r"^[1-7]{1,7}$", "Digits 1 (Monday) to 7 (Sunday), such as 12345.")],
        help_text="1 is Monday, 7 is Sunday.",
    )
    notify_email = models.EmailField(blank=True, help_text="Gets a mail for each new finding. Empty: nobody.")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "suspicion_rules"
        verbose_name = "rule"
        constraints = [
            models.CheckConstraint(
                condition=Q(rule__in=Rule.values),
                name="suspicion_rule_known",
                violation_error_message="Choose one of the rules.",
            ),
            models.CheckConstraint(
                condition=Q(threshold__gte=1, window_minutes__gte=1, window_minutes__lte=1440, factor__gte=1),
                name="suspicion_rule_figures_make_sense",
                violation_error_message="A threshold and a window of at least 1, a factor of at least 1.",
            ),
            models.CheckConstraint(
                condition=Q(day_begins_hour__lt=F("day_ends_hour"), day_ends_hour__lte=24),
                name="suspicion_rule_day_begins_before_it_ends",
                violation_error_message="Working hours begin before they end.",
            ),
        ]

    class Privacy:
        erase = {"notify_email": "names a person who can be replaced in the console"}
        keep = dict.fromkeys(
            "id rule is_on threshold window_minutes factor day_begins_hour day_ends_hour working_days "
            "updated_at".split(),
            "the company's own setting",
        )

    def __str__(self) -> str:
        return self.get_rule_display()


class Finding(models.Model):
    """Something that a rule found, once for each episode: what goes on without a pause widens its finding.

    Without names: `subject` is the pseudonym that the audit log uses (`employee:17`, `document:...`, `network:...`).
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        DISMISSED = "dismissed", "Dismissed"

    rule = models.CharField(max_length=32, choices=Rule.choices)
    subject = models.CharField(max_length=120, db_index=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    first_at = models.DateTimeField(help_text="When the first counted row was written.")
    last_at = models.DateTimeField(help_text="When the last one was.")
    count = models.PositiveIntegerField(help_text="The most that was counted within one window.")
    numbers = models.JSONField(default=dict, help_text="The arithmetic: threshold, window, usual figure.")
    found_at = models.DateTimeField(db_index=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=120, blank=True, help_text="Audit pseudonym.")
    decision_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "findings"
        constraints = [
            models.UniqueConstraint(fields=["rule", "subject", "first_at"], name="finding_once_per_episode"),
            models.CheckConstraint(condition=Q(rule__in=Rule.values), name="finding_rule_known"),
            models.CheckConstraint(
                condition=Q(state="open", decided_at__isnull=True, decision_reason="")
                | (Q(state__in=["acknowledged", "dismissed"], decided_at__isnull=False) & ~Q(decision_reason="")),
                name="finding_decision_has_time_and_reason",
            ),
            models.CheckConstraint(condition=Q(last_at__gte=F("first_at")), name="finding_ends_after_it_begins"),
        ]

    class Privacy:
        erase = {"subject": "pseudonym", "decided_by": "pseudonym of who decided"}
        keep = dict.fromkeys(
            "id rule state first_at last_at count numbers found_at decided_at decision_reason".split(),
            "counts and times only",
        )

    def __str__(self) -> str:
        return f"{self.get_rule_display()}: {self.subject}"
