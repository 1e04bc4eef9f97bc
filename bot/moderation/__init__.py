"""Reports, cases, decisions, restrictions, statements of reasons, appeals, and the log of all of it.

A person reports; people decide, never a count; whoever a decision is about learns why, and another human looks again.
"""
