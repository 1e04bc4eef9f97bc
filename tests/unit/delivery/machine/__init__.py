"""The engine against a model: a city of a few chats, a platform that may do anything, processes that die anywhere.

`skipping.py` makes an hour of sending a moment of ours, `database.py` keeps the database in step with it; `server.py`
is the platform; `process.py` is a program that can be killed; `town.py` is what people do; `rules.py` throws the dice;
`verdict.py` says what must be true in the end, `pacing.py` how fast it may go; `driving.py` runs all of it.
"""
