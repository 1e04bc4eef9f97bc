"""Seeing how delivery goes: for operators a table and metrics, for staff a page. Counts alone, and reads only.

`overview.py` gathers, `table.py` prints; `metrics.py` is for Prometheus, `staff_page.py` what staff may see.
"""
