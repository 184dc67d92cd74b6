"""Metrics under the names that the runbooks use. No label names a tenant or a person.

The retrieval metrics live in `retrieval.metrics`, because a layer never imports the one above it.
"""

from prometheus_client import Counter

HTTP_REQUESTS = Counter("rag_http_requests_total", "Requests answered.", ["method", "class"])
HTTP_ERRORS = Counter("rag_http_errors_total", "Requests answered with an error.", ["class"])
