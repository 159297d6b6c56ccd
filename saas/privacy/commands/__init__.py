"""Writes about personal data, one file a noun."""
