"""The face of posts in the chat: asking, preview, changing, sending, managing, reading."""
