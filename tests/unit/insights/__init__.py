"""Figures: counted once, and told so that no small number can be computed."""
