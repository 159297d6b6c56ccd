"""Addresses of the community. All but opening a space work in community scope."""
