from tests.cli.conftest import _installed, home, new_home

__all__ = ["_installed", "home", "new_home"]
