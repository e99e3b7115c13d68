"""The same page shapes in bare Django on the same data: no sign-in, no rights, no frame.

What a page costs beyond this is what the product adds to it. ``/people/`` and
``/activities/``: a counted list of fifty rows with the columns of the product's own list;
``/organizations/<id>/``: one row and what hangs on it.
"""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "zhibu.config.settings"

import django
from django.conf import settings

django.setup()
settings.MIDDLEWARE = []
settings.ROOT_URLCONF = __name__

from django.core.paginator import Paginator  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.template import Context, Engine  # noqa: E402
from django.urls import path  # noqa: E402

from zhibu.activities.models import Activity  # noqa: E402
from zhibu.organizations.models import Organization  # noqa: E402
from zhibu.people.models import Person  # noqa: E402

LIST = Engine().from_string(
    "<!doctype html><title>{{ page.paginator.count }}</title><table>{% for row in page %}"
    "<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>"
)


def _listed(request: HttpRequest, rows: object) -> HttpResponse:
    page = Paginator(rows, 50).get_page(request.GET.get("page"))  # type: ignore[arg-type]
    return HttpResponse(LIST.render(Context({"page": page})))


def people(request: HttpRequest) -> HttpResponse:
    columns = ("pk", "name", "sex", "born_on", "home__name", "occupation")
    return _listed(request, Person.objects.order_by("name", "pk").values_list(*columns))


def activities(request: HttpRequest) -> HttpResponse:
    columns = ("pk", "starts_at", "theme", "place", "organization__name", "status")
    return _listed(request, Activity.objects.order_by("-starts_at", "-pk").values_list(*columns))


def organization(request: HttpRequest, pk: int) -> HttpResponse:
    found = Organization.objects.get(pk=pk)
    rows = list(found.posts.values_list("title", "holdings__person__name"))
    rows += list(found.groups.values_list("name", "since"))
    return _listed(request, rows)


urlpatterns = [
    path("people/", people),
    path("activities/", activities),
    path("organizations/<int:pk>/", organization),
]
application = get_wsgi_application()
