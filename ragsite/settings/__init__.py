"""Django settings. Everything that varies comes typed from `ragsite.env`."""

from datetime import timedelta
from typing import Any

from ragsite import env
from ragsite.env import REPO_ROOT
from ragsite.settings import database, logs, mail, storage
from ragsite.settings.policies import (  # noqa: F401  (read as settings)
    ADMIN_CONTENT_SECURITY_POLICY,
    CONTENT_SECURITY_POLICY,
)
from ragsite.settings.rest import REST_FRAMEWORK, SPECTACULAR_SETTINGS  # noqa: F401  (read as settings)
from ragsite.settings.steps import STEPS  # noqa: F401  (read as settings.STEPS)
from ragsite.supervisor import discovery

ENV = env.current()
DATA_DIR = env.data_dir(ENV)
DEBUG = ENV.debug


def _secret(name: str, given: str) -> str:
    """The given value, or one kept in the data folder. Made on first use by an installation that runs by itself."""
    return given or discovery.ensure_secret(DATA_DIR, name)


SECRET_KEY = _secret("secret_key", ENV.secret_key)
# Master keys of sealed fields (docs/security.md, "Keys of sealed fields"); in the database is none of them.
FIELD_MASTER_KEY = _secret("field_master_key", ENV.field_master_key)
FIELD_MASTER_KEYS_OLD = ENV.field_master_keys_old
# Hashes and signs the audit log (docs/security.md, "The audit log's key"); not in the database either.
AUDIT_CHAIN_KEY = _secret("audit_chain_key", ENV.audit_chain_key)
AUDIT_CHAIN_KEYS_OLD = ENV.audit_chain_keys_old
JWT_SECRET = ENV.jwt_secret

# Unknown hosts are refused by tenants.middleware with a plain 404, because the list of hosts is a table.
ALLOWED_HOSTS = ["*"]
PLATFORM_HOSTS = ENV.platform_hosts

# --- apps ---------------------------------------------------------------------------------------------------------
# unfold stands before django_tenants and django.contrib.admin: it overrides their templates.
# Both by their configuration's name, so that `admin.site` is our own (ragsite.adminsite) and not the theme's.
_ADMIN = ["unfold.apps.BasicAppConfig", "unfold.contrib.filters", "unfold.contrib.forms"]
_DJANGO = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "ragsite.apps.ConsoleConfig",
    "ragsite.saved_filters",
]
# For its table of second factors and what checks them (hr.signin). Its accounts are unused: the table asks for them.
_ALLAUTH = ["allauth", "allauth.account", "allauth.mfa"]
SHARED_APPS = [
    "ragsite.refusals",  # first: its commands stand before others' of the same name
    *_ADMIN,
    "django_tenants",
    *_DJANGO,
    "django.contrib.staticfiles",
    "ragsite",
    "tenants",
    "audit",
    "axes",
    "django_celery_beat",
    "django_prometheus",
    "django_structlog",
    "django_htmx",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "django_filters",
    *_ALLAUTH,
]
TENANT_APPS = [*_DJANGO, "audit", "axes", *_ALLAUTH, "hr", "documents", "retrieval"]
INSTALLED_APPS = [*SHARED_APPS, *(app for app in TENANT_APPS if app not in SHARED_APPS)]
TENANT_MODEL = "tenants.Tenant"
TENANT_DOMAIN_MODEL = "tenants.Domain"
TENANT_COLOR_ADMIN_APPS = False
# Decision 3: the search path is set before every statement, never remembered.
TENANT_LIMIT_SET_CALLS = False
PUBLIC_SCHEMA_URLCONF = "ragsite.urls.platform"
ROOT_URLCONF = "ragsite.urls.tenant"
WSGI_APPLICATION = "ragsite.wsgi.application"

MIDDLEWARE = [
    "ragsite.middleware.ProbeMiddleware",
    "ragsite.middleware.MetricsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tenants.middleware.TenantMiddleware",
    "ragsite.middleware.RequestLogMiddleware",
    "csp.middleware.CSPMiddleware",
    "ragsite.middleware.AdminPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "hr.signed_in.middleware.BrowserSessionMiddleware",
    "ragsite.middleware.ActorMiddleware",
    "hr.middleware.SecondFactorMiddleware",
    "ragsite.middleware.NoStoreMiddleware",
    "axes.middleware.AxesMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [REPO_ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    }
]

# --- database -----------------------------------------------------------------------------------------------------
DATABASE_URL = ENV.database_url or discovery.embedded_database_url(DATA_DIR) or ""


DATABASES = {"default": database.configuration(url=DATABASE_URL)}
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- queue --------------------------------------------------------------------------------------------------------
# A task invisible longer than this is given to another worker; no task runs longer than the hard limit below it.
QUEUE_VISIBILITY_SECONDS = 300
if ENV.broker_url:
    CELERY_BROKER_URL = ENV.broker_url
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {"visibility_timeout": QUEUE_VISIBILITY_SECONDS}
else:
    CELERY_BROKER_URL = "pgmq://localhost"  # conn_string below is what counts
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "conn_string": DATABASE_URL.replace("postgres://", "postgresql://", 1),
        "init_extension": False,
        "use_notify": True,
        # No long poll: the transport asks its queues in turn, and waiting a second for an empty one starved the others
        # (measured: 38 documents took two minutes). NOTIFY wakes it instead.
        "wait_time_seconds": 0,
        # A finished task raises no NOTIFY, so a backlog is read at this pace; two idle queues cost about 2 % of a core.
        "polling_interval": 0.05,
        "visibility_timeout": QUEUE_VISIBILITY_SECONDS,
    }
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
# A few at a time, so that a backlog does not wait for the queue; what a dying worker had fetched is sent again.
CELERY_WORKER_PREFETCH_MULTIPLIER = 4
# Celery closes database connections after every task; a new one costs some 25 ms of processor time (SCRAM, an empty
# catalog cache). After so many tasks it still does: a backend's cache grows with every company's tables it has seen.
CELERY_DB_REUSE_MAX = 200
CELERY_TASK_TIME_LIMIT = 280
CELERY_TASK_SOFT_TIME_LIMIT = 260
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {"documents.process_version": {"queue": "ingest"}}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Nobody sends remote commands; each worker's mailbox would stay behind as a queue of its own.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_SCHEDULE = {
    "send-outbox": {"task": "documents.send_outbox_everywhere", "schedule": timedelta(seconds=10)},
    "sweep-versions": {"task": "documents.sweep_everywhere", "schedule": timedelta(seconds=20)},
    # Each company's midnight is at another hour; a leaver is out within ten minutes of it.
    "deactivate-leavers": {"task": "hr.deactivate_leavers_everywhere", "schedule": timedelta(minutes=10)},
    # A switch that ends by itself has no effect from that moment; here it is recorded, and what waited is sent on.
    "settle-kill-switches": {"task": "tenants.settle_kill_switches", "schedule": timedelta(seconds=10)},
    "scan-audit": {"task": "ragsite.scan_audit_everywhere", "schedule": timedelta(minutes=10)},
    "audit-checkpoints": {"task": "ragsite.write_audit_checkpoints", "schedule": timedelta(minutes=1)},
    "verify-audit": {"task": "ragsite.verify_audit_everywhere", "schedule": timedelta(days=1)},
    "rotate-due-keys": {"task": "tenants.rotate_due_keys", "schedule": timedelta(days=1)},
    "clear-expired": {"task": "ragsite.clear_expired", "schedule": timedelta(hours=6)},
}
CELERY_TIMEZONE = "UTC"

# --- cache, files, mail -------------------------------------------------------------------------------------------
if ENV.cache_url:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": ENV.cache_url}}
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache_entries"}}
CACHES["default"]["KEY_FUNCTION"] = "tenants.context.make_cache_key"

STORAGES = {
    "default": storage.configuration(env=ENV, folder=DATA_DIR / "files"),
    # Not compressed here: it took half a minute of the first start, and in the scale-out shape nginx compresses.
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [REPO_ROOT / "static"]
FILE_UPLOAD_HANDLERS = ["ragsite.uploads.LimitedTemporaryFileUploadHandler"]
FILE_UPLOAD_TEMP_DIR = None
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
MAX_UPLOAD_BYTES = ENV.max_upload_bytes
MAX_QUESTION_CHARS = ENV.max_question_chars
MAX_IMPORT_ROWS = ENV.max_import_rows
globals().update(mail.configuration(url=ENV.email_url))
DEFAULT_FROM_EMAIL = ENV.mail_from

# --- people -------------------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "hr.backends.EmployeeBackend"]
PASSWORD_HASHERS = [
    "hr.hashers.SmallArgon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "sign-in"
SESSION_COOKIE_NAME = "ragsite_session"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENV.tls_enabled
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENV.trusted_proxy_count else None
SECURE_HSTS_SECONDS = 31_536_000 if ENV.tls_enabled else 0
SECURE_SSL_REDIRECT = False  # nginx does it; a probe inside the network speaks plain HTTP
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Sign-in throttling. The pair is counted, so that nobody can lock another person out from a different network.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = ENV.throttle_sign_in_per_minute
AXES_COOLOFF_TIME = timedelta(minutes=1)
AXES_RESET_ON_SUCCESS = True
# Not by django-ipware: behind one proxy it finds no address, and with two entries in the header believes the client's.
AXES_CLIENT_IP_CALLABLE = "ragsite.middleware.client_address"
AXES_WHITELIST_CALLABLE = "ragsite.sign_in_limits.is_known_device"
AXES_ENABLE_ADMIN = False
AXES_LOCKOUT_CALLABLE = "ragsite.errors.locked_out"
TRUSTED_PROXY_COUNT = ENV.trusted_proxy_count
# Second factors (hr.signin).
MFA_ADAPTER = "hr.signin.adapter.SealingAdapter"
MFA_TOTP_TOLERANCE = 1  # periods before and after: phones' clocks go wrong, people type slowly (RFC 6238, 5.2)
MFA_RECOVERY_CODE_COUNT = 10
MFA_RECOVERY_CODE_DIGITS = 10  # 33 bits: no guessing, and told from an app's six digits by length
STEP_UP_MINUTES = ENV.step_up_minutes
SSO_ALLOW_PRIVATE = ENV.sso_allow_private

# --- API ----------------------------------------------------------------------------------------------------------
THROTTLE_RATES_PER_MINUTE = {
    "sign_in": ENV.throttle_sign_in_per_minute,
    "questions": ENV.throttle_questions_per_minute,
    "api": ENV.throttle_api_per_minute,
    "uploads": ENV.throttle_uploads_per_minute,
}
ACCESS_TOKEN_LIFETIME = timedelta(minutes=ENV.access_token_minutes)
REFRESH_TOKEN_LIFETIME = timedelta(days=ENV.refresh_token_days)
JWT_ROTATION_DAYS = ENV.jwt_rotation_days
AUDIT_REASON_MINUTES = ENV.audit_reason_minutes
ACCESS_HISTORY_DAYS = ENV.access_history_days

# --- the product's own ---------------------------------------------------------------------------------------------
VECTOR_STORE = ENV.vector_store
QDRANT_URL = ENV.qdrant_url
QDRANT_API_KEY = ENV.qdrant_api_key
EMBED_BACKEND = ENV.embed_backend
EMBED_MODEL = ENV.gateway_embed_model
EMBED_MODEL_PATH = ENV.embed_model_path
EMBED_THREADS = ENV.embed_threads
CHUNK_SIZE = ENV.chunk_size
CHUNK_OVERLAP = ENV.chunk_overlap
MIN_CONFIDENCE_THRESHOLD = ENV.min_confidence_threshold
PROMPT_VERSION = ENV.prompt_version
LLM_BASE_URL = ENV.llm_base_url
LLM_MODEL = ENV.llm_model
LLM_API_KEY = ENV.llm_api_key
LLM_TIMEOUT_SECONDS = ENV.llm_timeout_seconds
METRICS_ALLOWED_CIDRS = ENV.metrics_allowed_cidrs
# A claimed version whose lease ran out is taken back by the sweeper. Longer than the longest step between renewals
# (parsing is limited to 45 s), short enough that nothing is stuck for more than two minutes after a crash.
INGEST_LEASE_SECONDS = 60
INGEST_MAX_ATTEMPTS = 3

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
# Addresses of people are not logged.
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
LOGGING = logs.configuration(level=ENV.log_level)
from ragsite.settings.unfold import UNFOLD  # noqa: E402,F401
