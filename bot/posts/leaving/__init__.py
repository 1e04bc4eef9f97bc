"""A post on its way: published, approved, corrected, withdrawn; who gets which copy when, and what the sender hears."""
