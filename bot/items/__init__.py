"""What posts and relayed messages have in common: kind, author, state, revision, Quartiere, publication number."""
