"""Pages about one's own data, and about requests of others. One blueprint a noun."""
