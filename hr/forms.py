"""What people type to come in."""

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.contrib.auth.models import User

# Longer ones only make hashing slow.
_MAX_PASSWORD_CHARS = 256


class SignInForm(forms.Form):
    """E-mail address and password. Which of the two was wrong is never said."""

    email = forms.CharField(label="E-mail address", max_length=254)
    password = forms.CharField(
        label="Password", max_length=_MAX_PASSWORD_CHARS, strip=False, widget=forms.PasswordInput
    )


class ChoosePasswordForm(forms.Form):
    """A new password, twice, checked by AUTH_PASSWORD_VALIDATORS."""

    password = forms.CharField(
        label="New password", max_length=_MAX_PASSWORD_CHARS, strip=False, widget=forms.PasswordInput
    )
    again = forms.CharField(
        label="New password again", max_length=_MAX_PASSWORD_CHARS, strip=False, widget=forms.PasswordInput
    )

    def __init__(self, data: Any = None, *, user: User) -> None:
        super().__init__(data)
        self.user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        password_validation.validate_password(password, self.user)
        return password

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        # A refused first password is told by its own message only.
        if "password" in self.cleaned_data and again != self.cleaned_data["password"]:
            raise forms.ValidationError("The two passwords are not the same.", code="differ")
        return again


class ChangePasswordForm(ChoosePasswordForm):
    """The same for a signed-in person, who has to know the present one."""

    present = forms.CharField(
        label="Present password", max_length=_MAX_PASSWORD_CHARS, strip=False, widget=forms.PasswordInput
    )
    field_order = ("present", "password", "again")

    def clean_present(self) -> str:
        present: str = self.cleaned_data["present"]
        if not self.user.check_password(present):
            raise forms.ValidationError("This is not your present password.", code="wrong")
        return present
