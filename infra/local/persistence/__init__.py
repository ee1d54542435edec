"""What the laptop's AWS stores in SQLite, a module for each service; everything else is created at each start.

Read `database.py` first (one table, one transaction for each request), then `verification.py` (what a start checks)
and `items.py` (the largest user).
"""

ACCOUNT = "123456789012"
REGION = "us-east-1"
