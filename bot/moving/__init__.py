"""`quartierbote migrate --to URL`: a city that has grown moves from SQLite to PostgreSQL.

Everything is one transaction on the target: its tables, every row, the check of both. So a move that is broken off,
however, leaves nothing behind, and is simply begun again; and no program can start on half a city.
"""
