"""Mails about seats: which there are, what each says, who gets it, when, and what became of it."""
