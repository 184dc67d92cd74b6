"""Sign-in as it is routed: with its limits, of which a success is not held against the account."""

import time
from typing import Any

from django.contrib.auth.models import User
from rest_framework.request import Request
from rest_framework.response import Response

from hr.api import SignInView
from hr.signin import factors
from ragsite.api import counters
from ragsite.api.throttling import SignInThrottle, account_limits
from tenants.machines.api import PlatformSignInView


class _GivesBack:
    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        if response.status_code == 200:
            counters.give_back(limits=account_limits(request), now=time.time())
        answer: Response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]
        return answer


class ThrottledSignInView(_GivesBack, SignInView):
    throttle_classes = [SignInThrottle]


class ThrottledPlatformSignInView(_GivesBack, PlatformSignInView):
    throttle_classes = [SignInThrottle]

    def proves_second_factor(self, operator: User, code: str) -> bool:
        """Operators always need one: their app's code, or a recovery code."""
        return factors.check_code(user=operator, code=code) is not None
