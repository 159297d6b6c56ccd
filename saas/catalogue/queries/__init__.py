"""Reads of the catalogue, for the firm and for a workspace, one file a noun."""
