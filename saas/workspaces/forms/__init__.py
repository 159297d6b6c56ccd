"""The shapes of what staff and HR type, one file a noun."""
