"""All settings, read from the environment. The variables are documented here only:

DEBUG            1 shows error pages to developers and answers this machine only; 0 is real use (default 1 on SQLite
                 unless another variable indicates real use, else 0)
DEBUG_ON_NETWORK 1 lets other machines reach a site with DEBUG=1; never with real data (default 0)
SECRET_KEY       signs sessions; required when DEBUG=0, at least 50 random characters
ALLOWED_HOSTS    host names of the site, separated by commas; required when DEBUG=0
SITE_URL         the public URL of the site, for links in e-mails
DATABASE_URL     postgres://user:password@host/name; default is SQLite in VAR_DIR
PREPARED_STATEMENTS  1 lets PostgreSQL plan frequent queries once for each connection (accounts.server_statements); 0
                 behind a pooler that hands a connection on after each transaction (default 1)
REDIS_URL        redis://host:6379/0 for broker and cache; default is the filesystem and the database
VAR_DIR          folder of SQLite, the filesystem broker and uploads, and without Redis of the progress of imports
                 (default var/); web and worker must share it
MEDIA_ROOT       uploaded files, never served directly (default VAR_DIR/media); web and worker must share it
CLAMD_SOCKET     the virus scanner that checks every upload: /run/clamav/clamd.ctl or host:3310 (default: none)
CLAMD_REQUIRED   1 refuses files while the scanner does not answer, 0 accepts them unchecked (default 1)
EMAIL_URL        smtp://user:password@host:587/?tls=True; default prints e-mails to the console
EMAIL_FROM       the sender of e-mails
HTTPS            1 when the site is behind TLS: secure cookies and HSTS (default: the opposite of DEBUG)
PICTURE_PROCESSES  number of processes that may redraw pictures of the public portal at one time (default 1)
TRUSTED_PROXIES  number of our own proxies before the site that set X-Forwarded-For (default 0: none)
LOG_LEVEL        INFO, WARNING, ... (default INFO)
"""

import os
from datetime import timedelta
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from lezhi.safe_start import DEVELOPMENT_KEY, is_development, refuse_unsafe

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

VAR_DIR = env.path("VAR_DIR", default=str(BASE_DIR / "var"))
VAR_DIR = Path(str(VAR_DIR))
VAR_DIR.mkdir(parents=True, exist_ok=True)

DATABASE_URL = env.str("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'lezhi.sqlite3'}")
ON_SQLITE = DATABASE_URL.startswith("sqlite")
REDIS_URL = env.str("REDIS_URL", default="")

DEBUG = env.bool("DEBUG", default=is_development(os.environ, ON_SQLITE))
DEBUG_ON_NETWORK = env.bool("DEBUG_ON_NETWORK", default=False)
SECRET_KEY = env.str("SECRET_KEY", default=DEVELOPMENT_KEY if DEBUG else "")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if DEBUG else [])
SITE_URL = env.str("SITE_URL", default="http://localhost:8000").rstrip("/")
HTTPS = env.bool("HTTPS", default=not DEBUG)
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)

refuse_unsafe(globals())

INSTALLED_APPS = [
    "lezhi.apps.LezhiConfig",
    "accounts",
    "reminders",
    "relations",
    "employers",
    "complaints",
    "accounts.admin_config.LezhiAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "csp",
    "axes",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_filters",
    "django_htmx",
    "simple_history",
]

MIDDLEWARE = [
    "lezhi.middleware.loopback.LoopbackOnly",
    "django.middleware.security.SecurityMiddleware",
    "lezhi.middleware.portal.PortalCookies",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "lezhi.middleware.private.PrivateResponseMiddleware",
    "lezhi.middleware.body_limit.BodyLimit",
    "lezhi.middleware.address_characters.AddressCharactersMiddleware",
    "lezhi.middleware.portal.Sessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "lezhi.middleware.portal.Authentication",
    "lezhi.middleware.body_limit.AnonymousBodyLimit",
    "accounts.middleware.AccountMiddleware",
    "lezhi.middleware.no_method.NoMethodPage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "accounts.refusals.recording.RefusedAttempts",
    "axes.middleware.AxesMiddleware",
    "lezhi.middleware.busy.BusyMiddleware",
]

ROOT_URLCONF = "lezhi.urls"
WSGI_APPLICATION = "lezhi.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "lezhi.template_loading.UnindentedLoader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "lezhi.nav.navigation",
            ],
            "builtins": ["crispy_forms.templatetags.crispy_forms_tags", "lezhi.templatetags.lezhi"],
        },
    }
]

DATABASES = {"default": env.db_url_config(DATABASE_URL)}
if ON_SQLITE:
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 600  # a connection keeps the plans of its prepared statements
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # Pages run many short queries on rows in memory: an index is nearly always right; compiling a plan (jit) or
    # parallel workers cost more than they save (docs/performance.md). Prepared statements are planned once, not five
    # times before. ?options=... in DATABASE_URL has precedence.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault(
        "options",
        "-c random_page_cost=1.1 -c jit=off -c max_parallel_workers_per_gather=0"
        " -c plan_cache_mode=force_generic_plan",
    )
PREPARED_STATEMENTS = env.bool("PREPARED_STATEMENTS", default=True)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# `progress` stores the progress of imports; never in the database, whose running transaction would hide it. Redis may
# be unreachable at any time (lezhi.redis_cache). Without Redis both caches are shared by the processes of one machine.
if REDIS_URL:
    ON_REDIS = {"BACKEND": "lezhi.redis_cache.OptionalRedisCache", "LOCATION": REDIS_URL}
    CACHES = {"default": ON_REDIS, "progress": ON_REDIS | {"KEY_PREFIX": "progress"}}
else:
    CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "lezhi_cache"},
        "progress": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": str(VAR_DIR / "progress"),
            "OPTIONS": {"MAX_ENTRIES": 10_000},
        },
    }

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "accounts.backends.RoleBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "my_work"
LOGOUT_REDIRECT_URL = "login"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "lezhi.errors.csrf_failure"

# Number of wrong passwords before the login is locked for AXES_COOLOFF_TIME, for each way of counting
# (accounts.login.throttle). The wait starts with the last wrong password, so a limit of n allows at most 96 n attempts
# in a day (96 quarters of an hour). Account and IP address: 5, for typing errors: 480 a day. Account only: 15, because
# an attacker with many addresses still has one target: 1,440 a day in total. A browser from which a user has logged in
# before is not locked by attempts from elsewhere (accounts.login.devices) and has 5 attempts of its own. IP address
# only: 50, against one common password tried on every account; many users in one office behind one address stay below.
LOGIN_LIMITS = {"username and ip_address": 5, "username": 15, "ip_address": 50}
AXES_FAILURE_LIMIT = LOGIN_LIMITS["username and ip_address"]
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"], "username", "ip_address"]
AXES_COOLOFF_TIME = timedelta(minutes=15)
# Limit of wrong codes for a new password, and of e-mails requested on the login page, from one IP address in that time.
TRIES_BY_ADDRESS = 5
# Hours for which a code for a new password is valid. An e-mail is read the same day. A printed slip is handed over in
# person, perhaps after a weekend or in a village: three days. A code made on the server is used at once: one hour.
RESET_HOURS = {"letter": 4, "slip": 72, "server": 1}
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_HANDLER = "accounts.login.throttle.LoginThrottleHandler"
AXES_LOCKOUT_CALLABLE = "accounts.login.throttle.lockout_response"
AXES_USERNAME_CALLABLE = "accounts.login.throttle.counted_name"
AXES_CLIENT_IP_CALLABLE = "accounts.login.throttle.client_address"
AXES_ENABLE_ADMIN = False  # a locked account is shown, and unlocked, on its own page

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("en", _("英文"))]
LOCALE_PATHS = [BASE_DIR / "lezhi" / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "static"
STATICFILES_DIRS = []
VENDOR_DIR = BASE_DIR / "node_modules"
if VENDOR_DIR.exists():
    STATICFILES_DIRS += [
        ("vendor/bootstrap", VENDOR_DIR / "bootstrap" / "dist" / "css"),
        ("vendor/htmx", VENDOR_DIR / "htmx.org" / "dist"),
        ("vendor/echarts", VENDOR_DIR / "echarts" / "dist"),
    ]
STATICFILES_FINDERS = [
    "lezhi.vendor.NeededFilesFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(VAR_DIR / "media")))
PICTURE_PROCESSES = env.int("PICTURE_PROCESSES", default=1)
CLAMD_SOCKET = env.str("CLAMD_SOCKET", default="")
CLAMD_REQUIRED = env.bool("CLAMD_REQUIRED", default=True)
FILE_UPLOAD_PERMISSIONS = 0o640
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
CRISPY_FAIL_SILENTLY = False  # a layout with a field that is named twice or does not exist raises an error

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if HTTPS:
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="lezhi <lezhi@localhost>")
EMAIL_TIMEOUT = 20

BROKER_DIR = VAR_DIR / "broker"
CELERY_BROKER_URL = REDIS_URL or "filesystem://localhost"
# A page that starts a task waits only briefly for an unreachable broker: the next beat does the work anyway.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 1,
    "socket_timeout": 10,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.2,
}
if not REDIS_URL:
    for folder in ("queue", "done", "control"):
        (BROKER_DIR / folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR / "queue"),
        "data_folder_out": str(BROKER_DIR / "queue"),
        "processed_folder": str(BROKER_DIR / "done"),
        "control_folder": str(BROKER_DIR / "control"),
        "polling_interval": 0.2,
    }
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 1800
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {"axes": {"level": "WARNING"}, "django": {"handlers": [], "level": "INFO"}},
}
SILENCED_SYSTEM_CHECKS = []
