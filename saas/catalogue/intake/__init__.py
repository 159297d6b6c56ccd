"""Programmes that a firm has already, from a file: read, checked, then kept as drafts. Nothing is written before somebody confirms."""
