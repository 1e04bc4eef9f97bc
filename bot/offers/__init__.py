"""What comes again and again: staff call one date off, and whoever would have read of it hears so."""
