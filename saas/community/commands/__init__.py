"""Writes of the community, one file a noun. In community scope as one named account, but where told."""
