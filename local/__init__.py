"""Cordée on one machine: the embedded PostgreSQL and Redis, and the supervisor behind ``make run``."""
