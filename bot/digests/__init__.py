"""Digests: who hears what when, instead of each thing by itself. Assembled once per equal item set and language.

The database says what is due, so a digest comes once: late if the program was down, never twice.
"""
