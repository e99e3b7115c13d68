"""Mail and webhooks as an installation has them, with receivers on this machine."""

import ipaddress

import pytest

from tests.notices import receivers

HERE = "https://zhibu.example.org"


@pytest.fixture
def mail_on(settings):
    """Mail is set up; Django's own outbox takes it."""
    settings.MAIL_SERVER, settings.MAIL_FROM = "smtp://mail.example.org", "zhibu@example.org"
    settings.ADDRESS = HERE


@pytest.fixture
def mailbox(mail_on, settings):
    """A real mail server on this machine."""
    with receivers.mailbox() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.MAIL_SERVER = f"smtp://127.0.0.1:{box.port}"
        yield box


@pytest.fixture
def site(settings):
    """A real web server on this machine that webhooks may reach."""
    settings.ADDRESS = HERE
    settings.WEBHOOK_NETWORKS = [ipaddress.ip_network("127.0.0.1/32")]
    with receivers.site() as found:
        yield found
