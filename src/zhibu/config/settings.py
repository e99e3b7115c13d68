"""Django settings. Values come from ``config.env`` alone; there is no second settings file."""

import ipaddress
from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF

from zhibu.config import databases, env, keys

ENV = env.read()
PACKAGE = Path(__file__).resolve().parent.parent
HOME: Path = ENV.home
KEYS_PATH = HOME / "keys" / "keyring.json"
KEYS_EXIST = KEYS_PATH.exists()
# Without an installation (type checks, makemigrations, tests) a ring lives as long as the process.
KEYRING = keys.read(KEYS_PATH) if KEYS_EXIST else keys.generate(is_demo=True)
IS_DEMO = KEYRING.is_demo

DEBUG = ENV.debug
SECRET_KEY = KEYRING.django
ALLOWED_HOSTS = ENV.allowed_hosts


DATABASES = {"default": databases.of_url(ENV.database, HOME)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AREAS = [
    "core",
    "ledger",
    "accounts",
    "packs",
    "files",
    "documents",
    "notices",
    "imports",
    "money",
    "organizations",
    "people",
    "adoptions",
    "duties",
    "assignments",
    "registers",
    "cases",
    "activities",
    "insight",
    "burden",
    "publishing",
    "portal",
    "desk",
    "api",
]
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "django_htmx",
    "template_partials",
    "csp",
    "axes",
    "django_tasks",
    "django_tasks_db",
    *(f"zhibu.{area}" for area in AREAS),
]

MIDDLEWARE = [
    "zhibu.core.middleware.BehindProxy",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "zhibu.core.middleware.GzipPages",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "zhibu.accounts.middleware.SessionLimits",
    "zhibu.core.middleware.ReadOncePerRequest",
    "zhibu.core.middleware.PrivateByDefault",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "zhibu.config.urls"
WSGI_APPLICATION = "zhibu.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "zhibu.core.context.frame",
            ],
            "builtins": ["zhibu.core.templatetags.zhibu"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- accounts
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 8},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "desk:home"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_IDLE = timedelta(hours=3)
SESSION_LONGEST = timedelta(hours=12)
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "zhibu.accounts.views.locked_out"
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False
SILENCED_SYSTEM_CHECKS = ["axes.W006"]  # the address and the name are both asked, on purpose

# --- security
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    "camera": [],
    "geolocation": [],
    "microphone": [],
    "payment": [],
    "usb": [],
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
if ENV.https:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 31_536_000
CSRF_FAILURE_VIEW = "zhibu.core.views.stale_form"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_HANDLERS = [
    "zhibu.core.uploads.Capped",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
UPLOAD_LIMIT = ENV.upload_megabytes * 1024 * 1024

# --- language and place
LANGUAGE_CODE = "zh-hans"
USE_I18N = True
USE_TZ = True
TIME_ZONE = ENV.time_zone
FORMAT_MODULE_PATH = ["zhibu.config.formats"]
LOCALE_PATHS = [PACKAGE / "locale"]

# --- files
STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [PACKAGE / "static"]
MEDIA_ROOT = HOME / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "zhibu.core.static.Storage"},
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

CHARTS_PATH = HOME / "charts"  # drawn ones, by content; may be emptied at any time

# --- background jobs
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# --- backups
BACKUP_FOLDER: Path | None = ENV.backup_folder
BACKUP_CRON = ENV.backup_cron
BACKUP_KEEP = ENV.backup_keep

# --- ledger
LEDGER_ALGORITHM = ENV.ledger_algorithm
LEDGER_SEAL_SECONDS = 20
LEDGER_KEY_PATH = Path(ENV.ledger_key) if ENV.ledger_key else KEYS_PATH.with_name("ledger.json")
PUBLISHED_PATH = HOME / "published"  # what was said outside; never in the database
PUBLISH_FOLDER = ENV.publish_folder
PUBLISH_ADDRESSES = ENV.publish_addresses
MAIL_SERVER = ENV.mail_server
MAIL_FROM = ENV.mail_from
MAIL_PASSWORD_PATH = KEYS_PATH.with_name("mail-password")
ADDRESS = ENV.address

# --- what leaves the platform
WEBHOOK_NETWORKS = [ipaddress.ip_network(each) for each in ENV.listed_networks]
PROXIES = [ipaddress.ip_network(each) for each in ENV.listed_proxies]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
