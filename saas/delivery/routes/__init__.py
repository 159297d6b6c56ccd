"""Addresses of attendance and certificates."""
