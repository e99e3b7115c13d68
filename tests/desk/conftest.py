import pytest


@pytest.fixture
def page_as(life, client):
    """The text of a page as one of the cast sees it."""

    def page(who, address, status=200):
        client.logout()
        if life.cast[who]:
            client.force_login(life.cast[who])
        answer = client.get(address)
        assert answer.status_code == status
        return answer.content.decode()

    return page
