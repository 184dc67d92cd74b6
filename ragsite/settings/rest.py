"""The REST framework and its OpenAPI description: nothing here varies."""

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["hr.tokens.authentication.TenantTokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["hr.permissions.IsActiveEmployee"],
    "DEFAULT_PARSER_CLASSES": ["ragsite.api.parsers.BoundedJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "ragsite.api.negotiation.AsDocumented",
    "DEFAULT_THROTTLE_CLASSES": ["ragsite.api.throttling.PerPersonThrottle"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "ragsite.api.schema.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "ragsite.api.pagination.Pages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_VERSIONING_CLASS": None,
    "EXCEPTION_HANDLER": "ragsite.errors.api_exception_handler",
    "PAGE_SIZE": 50,
    "UNAUTHENTICATED_USER": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "HR assistant API",
    "DESCRIPTION": "Ask HR documents, get cited answers. Every call acts as the signed-in person of one company.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": False,
    "POSTPROCESSING_HOOKS": [],
    "SERVERS": [],
}
