"""The API of people."""

from hr.api.auth import LogoutView, RefreshView, SignInView

__all__ = ["LogoutView", "RefreshView", "SignInView"]
