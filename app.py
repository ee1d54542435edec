"""KintoBlocks: the Chalice application, put together from its blueprints."""

from __future__ import annotations

from chalice import Chalice

from chalicelib.actions import reach, tokens
from chalicelib.api import http
from chalicelib.api.activity import activity
from chalicelib.api.audit import audit
from chalicelib.api.blocks import blocks
from chalicelib.api.configured_blocks import configured_blocks
from chalicelib.api.console import console
from chalicelib.api.credentials import credentials
from chalicelib.api.deployments import deployments
from chalicelib.api.environments import environments
from chalicelib.api.meta import meta
from chalicelib.api.projects import projects
from chalicelib.api.runs import runs
from chalicelib.api.schedules import schedules
from chalicelib.api.tokens import tokens as token_pages
from chalicelib.clock import now, use_clock
from chalicelib.edge import settings, within_time
from chalicelib.handlers.deployments import deployments as deployment_steps
from chalicelib.handlers.events import events
from chalicelib.handlers.job_runs import job_runs
from chalicelib.handlers.schedules import schedules as ticks
from chalicelib.handlers.tokens import tokens as minting
from chalicelib.store import claims

__all__ = ["app", "use_clock"]

app = Chalice(app_name="kintoblocks", configure_logs=False)
http.install(app, http.Edges(now=now, settings=settings, find_token=tokens.find, claims=claims, reach=reach.check))
app.register_middleware(within_time, "http")
for blueprint in (
    meta, schedules, blocks, projects, environments, configured_blocks, deployments, runs, activity, credentials,
    token_pages, audit, console,
):  # fmt: skip
    app.register_blueprint(blueprint)
for steps in (job_runs, deployment_steps, events, ticks, minting):
    app.register_blueprint(steps)
