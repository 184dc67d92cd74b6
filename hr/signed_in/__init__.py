"""Where people are signed in: browsers and programs, listed and ended. On the platform: operators."""

from hr.signed_in.ending import NotSignedIn, end_all, end_elsewhere, end_one, end_some
from hr.signed_in.listing import SignedIn, signed_in_of
from hr.signed_in.words import browser_of, network_of

__all__ = [
    "NotSignedIn",
    "SignedIn",
    "browser_of",
    "end_all",
    "end_elsewhere",
    "end_one",
    "end_some",
    "network_of",
    "signed_in_of",
]
