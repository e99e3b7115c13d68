"""Two records of one person: finding them, comparing them, making them one for good."""
