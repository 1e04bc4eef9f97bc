"""The catalogues, one folder per language, and the tools that keep them whole.

`python -m locales.update` carries the message ids of the code into every catalogue; `python -m locales.check` says
what a catalogue lacks.
"""
