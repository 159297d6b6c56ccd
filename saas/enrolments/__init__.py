"""Seats: asked for, approved, granted, waited for, offered, given up; and the mails that say so."""
