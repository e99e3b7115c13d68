"""Figures: what is done and owed, by organisation, duty and period, down to the rows."""
