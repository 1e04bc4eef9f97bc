"""What is on: recurring offers and dated announcements in one order of time."""
