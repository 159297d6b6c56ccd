"""Reads of the community, one file a noun. In community scope unless told: the policies let nobody else read content."""
