"""Addresses of the console and of a client's own settings and people."""
