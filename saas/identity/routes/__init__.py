"""Getting in and out: platform addresses, the same for every firm. One blueprint, one file a noun."""
