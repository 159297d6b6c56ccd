"""The shape of what staff type about programmes, offers and sessions, one file a noun."""
