"""What moderators, reporters and authors do in the chat."""
