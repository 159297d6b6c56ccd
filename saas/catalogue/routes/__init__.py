"""Addresses of programmes and sessions, for staff and for clients."""
