"""What a client's HR and the training firm write to each other: one conversation a client."""
