"""Loaded before Django reads its settings: tests never touch a real data folder."""

import atexit
import gc
import os
import shutil
import tempfile

HOME = tempfile.mkdtemp(prefix="zhibu-test-")
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
os.environ["ZHIBU_HOME"] = HOME
os.environ["ZHIBU_HOSTS"] = "testserver,127.0.0.1,localhost"

os.mkdir(os.path.join(os.environ["ZHIBU_HOME"], "static"))  # as after collectstatic

gc.disable()  # nothing that is loaded now is ever garbage


def pytest_collection_finish() -> None:
    """From here on rubbish is collected, but what was loaded is not gone through each time."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()
