"""Two ways: a reader asks about an announcement, its Treffpunkt answers; neither learns a name."""
