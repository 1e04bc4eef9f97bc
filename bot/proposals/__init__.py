"""Residents and organisations propose posts; staff of a Treffpunkt there release, edit with consent, or decline them.

A proposal is a draft of a post whose author is no staff. It becomes a post when somebody releases it.
"""
