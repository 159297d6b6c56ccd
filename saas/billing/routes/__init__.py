"""Addresses of invoices and payments, for the firm and for its clients."""
