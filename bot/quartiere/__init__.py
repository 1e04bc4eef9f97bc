"""The place itself: city, Quartiere, Treffpunkte, organisations and their weekly offers.

Everything here is public and comes from one `city.toml`; this room knows no person and no messenger.
"""
