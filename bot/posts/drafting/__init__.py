"""A draft from the first word to the preview: its facts, what is missing, what is doubtful."""
