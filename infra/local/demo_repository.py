"""The demo's repository: a shop so small that its jobs can be read in a minute."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

FILES = {
    "migrate.py": '''"""Brings the database to its newest form; runs before each deployment."""
import os
import pathlib
import sqlite3

place = pathlib.Path(os.environ["DATA_DIR"])
place.mkdir(parents=True, exist_ok=True)
database = sqlite3.connect(place / "shop.db")
version = database.execute("pragma user_version").fetchone()[0]
steps = ["create table orders (id integer primary key, item text)", "insert into orders (item) values ('a kinto')"]
for number, step in enumerate(steps[version:], version + 1):
    print(f"migration {number} of {len(steps)}: {step}", flush=True)
    database.execute(step)
    database.execute(f"pragma user_version = {number}")
database.commit()
print(f"the database is at version {len(steps)}")
''',
    "deploy.py": '''"""Puts the shop's page live; the deploy command of the service."""
import os
import pathlib

live = pathlib.Path(os.environ["DATA_DIR"]) / "live"
live.mkdir(exist_ok=True)
(live / "index.html").write_text(f"<h1>The shop, commit {os.environ['KINTO_COMMIT'][:7]}</h1>")
print(f"live at {live / 'index.html'}")
''',
    "smoke_test.py": '''"""Looks whether what is live is what was deployed; runs after each deployment."""
import os
import pathlib
import sys

page = (pathlib.Path(os.environ["DATA_DIR"]) / "live" / "index.html").read_text()
print("found", page)
sys.exit(0 if os.environ["KINTO_COMMIT"][:7] in page else 1)
''',
    "back_up.py": '''"""Copies the database; repeats every minute."""
import os
import pathlib
import sqlite3

place = pathlib.Path(os.environ["DATA_DIR"])
target = place / "back-ups" / f"{os.environ.get('KINTO_SCHEDULED_AT', 'by-hand').replace(':', '')}.db"
target.parent.mkdir(exist_ok=True)
with sqlite3.connect(place / "shop.db") as database, sqlite3.connect(target) as copy:
    database.backup(copy)
    count = copy.execute("select count(*) from orders").fetchone()[0]
print(f"backed up {count} orders to {target.name}")
''',
}


def write(folder: Path) -> str:
    """Write the repository, unless it is there; the commit at its head."""
    if not folder.exists():
        fresh = folder.with_name(f"{folder.name}.new")  # it appears whole, also where a kill comes between
        shutil.rmtree(fresh, ignore_errors=True)
        _commit(fresh)
        fresh.rename(folder)
    return _git(folder, "rev-parse", "HEAD").strip()


def _commit(folder: Path) -> None:
    folder.mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text)
    _git(folder, "init", "--quiet", "--initial-branch", "main")
    _git(folder, "add", "--all")
    who = ("-c", "user.name=KintoBlocks", "-c", "user.email=demo@localhost", "-c", "commit.gpgsign=false")
    _git(folder, *who, "commit", "--quiet", "--message", "A shop with a migration, a smoke test and a back-up")


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout
