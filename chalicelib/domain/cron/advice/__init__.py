"""What to write instead of a pattern or a time zone that is refused.

Imported only when an error is built. Everything that is advised is tried first, and means the same as what was written
wherever its meaning is known.
"""
