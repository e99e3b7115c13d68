"""What an organisation makes public 公开: proposed, checked, approved, posted, provable.

The path: catalogue ``of = "disclosures"`` → ``meaning.py`` → ``core.disclosures`` drafts from the
record → ``models.Publication`` → ``actions.py`` → ``queries.py`` → views, templates
``publishing/``, ``/api/v1/publications`` → tests. See ADR 0018.
"""
