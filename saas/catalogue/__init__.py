"""Programmes and their versions, offers to workspaces, sessions with their slots, and who may use them."""
