from tests.desk.conftest import page_as
from tests.duties.conftest import invented_packs

__all__ = ["invented_packs", "page_as"]
