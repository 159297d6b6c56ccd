"""Addresses of seats: the session page of staff, of HR, and a person's own."""
