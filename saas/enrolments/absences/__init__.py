"""Absences that people announce before a half-day: they keep their seat."""
