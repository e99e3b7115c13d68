"""A post goes to the next holder: what is open, one list, two hands, then the access itself."""
