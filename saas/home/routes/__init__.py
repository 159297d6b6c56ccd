"""Addresses of the home pages, of what finds things, and of the list of clients as a workbook."""
