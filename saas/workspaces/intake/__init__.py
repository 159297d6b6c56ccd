"""Clients that a firm has already, from a file: read, checked, then created. Nothing is written before somebody confirms."""
