"""What Treffpunkte announce: written, previewed, approved, scheduled, published, corrected, withdrawn.

A post is an item with facts (when, where, what it costs) and texts by language. The facts are rendered for each
reader's language and never translated; the texts are written by hand.
"""
