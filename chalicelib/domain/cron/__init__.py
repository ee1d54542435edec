"""Cron patterns: what they mean, when they are due, and what to write instead of one that is refused."""
