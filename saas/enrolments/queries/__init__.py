"""Reads of seats, one file a kind."""
