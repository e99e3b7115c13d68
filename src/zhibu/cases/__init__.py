"""Staged procedures 事项, as packs declare them; see ADR 0012."""
