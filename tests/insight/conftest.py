from tests.desk.conftest import life, page_as
from tests.duties.conftest import invented_packs

__all__ = ["invented_packs", "life", "page_as"]
