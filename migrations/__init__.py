"""The history of the tables. Each step is numbered; a change first expands, and contracts in a later version."""
