"""The first view of a screen, with nothing kept from before: at most 60 kB on the wire."""

import pytest

MOST = 60_000
FIRST = {
    "sign-in": ("", "/accounts/sign-in/"),
    "today": ("member", "/today/"),
    "workbench": ("secretary", "/workbench/"),
    "workbench of fifty": ("big", "/workbench/"),
    "overview": ("county", "/overview/"),
    "record": ("secretary", "/activities/record/"),
    "record of fifty": ("big", "/activities/record/?what=knational/branch-life:general-meeting"),
    "people": ("township", "/people/?at={big}"),
}


def weighed(page, address):
    """Bytes each address took, encoded and with its head, when ``address`` is opened cold."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.clearBrowserCache")
    session.send("Network.setCacheDisabled", {"cacheDisabled": False})
    addresses, weights = {}, {}
    session.on(
        "Network.responseReceived",
        lambda event: addresses.setdefault(event["requestId"], event["response"]["url"]),
    )
    session.on(
        "Network.loadingFinished",
        lambda event: weights.update({event["requestId"]: event["encodedDataLength"]}),
    )
    page.goto(address, wait_until="networkidle")
    return {
        addresses[request]: int(weight)
        for request, weight in weights.items()
        if addresses[request].startswith("http")
    }


@pytest.mark.parametrize("screen", FIRST)
def test_first_view_is_light(screen, window, site, capsys):
    role, path = FIRST[screen]
    page = window(role)

    found = weighed(page, path.format(**site.facts))

    total = sum(found.values())
    with capsys.disabled():
        parts = ", ".join(f"{url.rpartition('/')[2] or 'page'} {n}" for url, n in found.items())
        print(f"\n{screen}: {total} B ({parts})")  # noqa: T201 - the figure is the point
    assert any(url.endswith(path.format(**site.facts)) for url in found)
    assert any(".css" in url for url in found), "nothing came cold"
    assert total <= MOST
