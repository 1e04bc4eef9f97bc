"""Quartierbote: the neighbourhood. Nothing in here knows a messenger."""
