"""A Bot API server of our own, so that Telegram can be tested with real HTTP, real faults and no account.

It runs in another process (`python -m tests.fakes.botapi`), judges as strictly as the real one where we know how it
judges, and shows what the person at the other end would see. Tests talk to it through `client.BotApi`.
"""
