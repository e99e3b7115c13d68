"""Member groups: who is in which of a pack's groups, when; put in and out by the list."""
