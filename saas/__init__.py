"""Cordée: one workspace per client company for training firms.

What a training firm does lives here, a folder a feature; who it is lives in ``tenants``. Arrows point down:
app > home > billing, community, delivery > enrolments > catalogue > workspaces > identity > kit > tenants.
"""
