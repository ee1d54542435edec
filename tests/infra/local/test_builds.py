from __future__ import annotations

from tests.infra.conftest import command


def test_a_command_ends_with_its_exit_code(bench):
    result = bench.run(command("echo hello; exit 3"))
    print(result)
    assert result.outcome == "failed"
