"""Campaigns: windows over many units, with phases, gates and what is due in them (ADR 0013)."""
