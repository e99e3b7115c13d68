"""Loaded by every Python process of the served demo: its clock is shifted as a whole.

``CLOCK_SHIFT`` holds seconds. With a fixed day the pages say the same whenever tests run.
"""

import os
from datetime import UTC, datetime, timedelta

if os.environ.get("CLOCK_SHIFT"):
    import time_machine

    shifted = datetime.now(UTC) + timedelta(seconds=float(os.environ["CLOCK_SHIFT"]))
    time_machine.travel(shifted, tick=True).start()
