"""A company's own sign-in provider (OpenID Connect), and whom it knows our people as."""

from django.db import models

from hr.models.employees import Employee


class IdentityProvider(models.Model):
    """The one provider of this company. Its client secret is sealed under the installation's SECRET_KEY."""

    is_singleton = models.BooleanField(default=True, editable=False, unique=True)
    is_active = models.BooleanField(default=False)
    name = models.CharField(max_length=60, help_text="On the button of the sign-in page.")
    issuer = models.URLField(max_length=300)
    client_id = models.CharField(max_length=300)
    sealed_secret = models.BinaryField()
    allowed_domains = models.JSONField(default=list)
    attribute_claims = models.JSONField(default=dict)
    role_claim = models.CharField(max_length=100, blank=True)
    role_values = models.JSONField(default=dict)
    creates_people = models.BooleanField(default=False)
    asks_second_factor = models.BooleanField(default=False)
    break_glass = models.ForeignKey(Employee, on_delete=models.SET_NULL, null=True, related_name="+")
    tested_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "identity_providers"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_singleton=True),
                name="one_identity_provider",
                violation_error_message="A company has one identity provider.",
            ),
        ]

    class Privacy:
        erase = {"break_glass": "names a person"}
        keep = {
            "id": "row id",
            "is_singleton": "constraint",
            "is_active": "configuration",
            "name": "configuration",
            "issuer": "configuration",
            "client_id": "configuration",
            "sealed_secret": "the company's, sealed",
            "allowed_domains": "configuration",
            "attribute_claims": "configuration",
            "role_claim": "configuration",
            "role_values": "configuration",
            "creates_people": "configuration",
            "asks_second_factor": "configuration",
            "tested_at": "state",
            "updated_at": "state",
        }

    def __str__(self) -> str:
        return self.name


class ExternalIdentity(models.Model):
    """As whom the provider knows a person. Their address there may change; this does not."""

    employee = models.OneToOneField(Employee, on_delete=models.CASCADE, related_name="external_identity")
    issuer = models.CharField(max_length=300)
    subject = models.CharField(max_length=255)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "external_identities"
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="external_identity_is_one_person"),
        ]

    class Privacy:
        erase = {
            "employee": "goes with the person",
            "issuer": "goes with the person",
            "subject": "identifies",
            "created_at": "goes with the person",
            "last_used_at": "personal record",
        }
        keep = {"id": "row id"}
