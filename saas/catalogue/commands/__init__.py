"""Writes of the catalogue, one file a noun. All in firm scope."""
