"""Writes of identity, one file a noun."""
