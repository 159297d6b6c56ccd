"""What somebody needs at the table and in the room: said by them, read by who must act on it, gone the day after."""
