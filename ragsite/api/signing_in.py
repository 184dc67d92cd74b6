"""Sign-in as it is routed: with its limits, of which a success is not held against the account."""

import time
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from hr.api import SignInView
from ragsite.api import counters
from ragsite.api.throttling import SignInThrottle, account_limits


class ThrottledSignInView(SignInView):
    throttle_classes = [SignInThrottle]

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        if response.status_code == 200:
            counters.give_back(limits=account_limits(request), now=time.time())
        return super().finalize_response(request, response, *args, **kwargs)
