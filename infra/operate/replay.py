"""`make replay STAGE=dev`: gives what lies in the dead-letter queue to its functions again, which is safe."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.config import Config

from infra.operate import letters
from infra.operate.letters import Letter
from infra.operate.refusals import FAILURES, Refused, plainly, told
from infra.operate.stage import Stage, chosen, parser

# By this the function counts that it was a replay. As long as the longest function, reconcile, may take.
CONTEXT = base64.b64encode(json.dumps({"custom": {"replayed": "true"}}).encode()).decode()
PATIENT = Config(read_timeout=910, retries={"mode": "standard", "max_attempts": 3})


def main(arguments: Sequence[str]) -> int:
    """The command; the exit code."""
    made = parser("Gives events that were given up to their functions again, and deletes those that succeed.")
    made.add_argument("--list", action="store_true", help="only look")
    made.add_argument("--yes", action="store_true", help="don't ask")
    made.add_argument("--drop", action="append", default=[], metavar="ID", help="delete this one without replaying")
    options = made.parse_args(arguments)
    return plainly(lambda: replay(chosen(options), options.list, options.yes, options.drop))


def replay(stage: Stage, only_look: bool, sure: bool, drop: Sequence[str]) -> int:
    """List, ask, replay; raises Refused. The exit code is 1 where something failed again."""
    outputs, queue = stage.outputs(), letters.queue_url(stage)
    found = letters.held(stage, queue)
    left = {letter.id: letter for letter in found}
    try:
        _show(stage, found)
        chosen_ones = _chosen(found, drop)
        if only_look or not chosen_ones:
            return 0
        if not sure:
            _ask(f"{'Delete' if drop else 'Replay'} {len(chosen_ones)} of them? [y/N] ")
        for letter in chosen_ones:
            if drop or _handled(stage, outputs, letter):
                letters.delete(stage, queue, letter)
                del left[letter.id]
    finally:
        for letter in left.values():
            letters.release(stage, queue, letter)
    failed = [letter for letter in chosen_ones if letter.id in left]
    print(f"{len(found) - len(left)} {'deleted' if drop else 'replayed'}, {len(left)} left in the queue.")
    return 1 if failed else 0


def _show(stage: Stage, found: Sequence[Letter]) -> None:
    if not found:
        print(f"There are no dead letters of {stage.words}.")
        return
    print("\n".join([f"Dead letters of {stage.words}:", *(f"  {letter}" for letter in found)]), flush=True)
    if len(found) >= letters.MOST:
        print("There may be more; give the command again after this.")


def _chosen(found: Sequence[Letter], drop: Sequence[str]) -> list[Letter]:
    """Those to drop, or all that somebody handles."""
    if drop:
        known = {letter.id: letter for letter in found}
        missing = [one for one in drop if one not in known]
        if missing:
            raise Refused(f"There is no dead letter {', '.join(missing)}.")
        return [known[one] for one in dict.fromkeys(drop)]
    return [letter for letter in found if letter.function is not None]


def _ask(question: str) -> None:
    try:
        answer = input(question)
    except EOFError:
        raise Refused("Nobody is there to ask. Add --yes to go on without asking.") from None
    if answer.strip().lower() not in ("y", "yes"):
        raise Refused("Nothing was done.")


def _handled(stage: Stage, outputs: Mapping[str, str], letter: Letter) -> bool:
    """Whether its function has taken it now; why not is printed."""
    try:
        why = _invoked(stage, outputs, letter)
    except FAILURES as error:
        why = told(error)
    print(f"  {letter.id}  {f'failed again: {why}' if why else 'done'}", flush=True)
    return why is None


def _invoked(stage: Stage, outputs: Mapping[str, str], letter: Letter) -> str | None:
    name = outputs.get(letter.function or "")
    if name is None:
        return f"the stack has no output {letter.function}; deploy it first"
    client: Any = stage.session.client("lambda", region_name=stage.region, config=PATIENT)
    payload = json.dumps(letter.payload).encode()
    answer = client.invoke(FunctionName=name, Payload=payload, ClientContext=CONTEXT)
    if "FunctionError" not in answer:
        return None
    said = json.loads(answer["Payload"].read() or b"null")
    return str(said.get("errorMessage", said) if isinstance(said, dict) else said)[:300]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
