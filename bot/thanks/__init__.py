"""A thank-you for a post: one tap below it, and whoever wrote it hears how many said so; never who."""
