"""What goes wrong in the running program, for those who have to know: the coordinators, in words they can act on.

Each trouble is told once when it begins and once when it is over, to everybody who was told that it began.
"""
