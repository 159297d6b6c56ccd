"""Writes of the console, one file a noun."""
