"""Pages of people."""

from hr.views.sessions import change_password, sign_in, sign_in_link, sign_out

__all__ = ["change_password", "sign_in", "sign_in_link", "sign_out"]
