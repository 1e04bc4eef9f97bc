"""What is told to coordinators, and when."""
