"""Figures of the Quartiere, day by day: how many read, announce, ask. Counts alone, never who."""
