"""`make token STAGE=dev`: a token made with the operator's own AWS rights; it alone goes to the standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from infra.operate.refusals import Refused, plainly
from infra.operate.stage import Stage, chosen, parser

ROLES = ("viewer", "deployer", "admin")


def main(arguments: Sequence[str]) -> int:
    """The command; the exit code."""
    made = parser("Makes a token, whenever one is lost.")
    made.add_argument("--name", default="operator", help="what it is called in the history (operator)")
    made.add_argument("--role", default="admin", choices=ROLES, help="what it may do (admin)")
    options = made.parse_args(arguments)
    return plainly(lambda: token(chosen(options), options.name, options.role))


def token(stage: Stage, name: str, role: str) -> int:
    """Prints the secret, which is told this once; raises Refused."""
    outputs = stage.outputs()
    if "MintToken" not in outputs:
        raise Refused(f"The stack {stage.words} is not whole. Deploy it: make deploy STAGE={stage.name}")
    payload = json.dumps({"name": name, "role": role}).encode()
    answer = stage.client("lambda").invoke(FunctionName=outputs["MintToken"], Payload=payload)
    told = json.loads(answer["Payload"].read() or b"null")
    if "FunctionError" in answer:
        raise Refused(f"The stack made no token: {told.get('errorMessage', told)}")
    address = outputs.get("EndpointURL", "").rstrip("/")
    print(f'The token "{name}" ({role}) of {stage.words}; it is shown this once:', file=sys.stderr, flush=True)
    print(told["secret"], flush=True)
    print(f"The console asks for it at {address}/ (or takes it from the link {address}/#token=TOKEN)", file=sys.stderr)
    print(f"The API takes it as `Authorization: Bearer TOKEN` at {address}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
