from __future__ import annotations

import signal
import sys
import uuid

import pytest

from tests.infra.conftest import command, marked, until


@pytest.mark.parametrize(
    ("text", "outcome", "code"),
    [
        ("true", "succeeded", "0"),
        ("exit 1", "failed", "1"),
        ("exit 3", "failed", "3"),
        ("exit 137", "failed", "137"),
        ("kill -9 $$", "failed", "137"),
        ("kill -TERM $$", "failed", "143"),
        ("no-such-command", "failed", "127"),
    ],
)
def test_the_exit_code_of_a_command_is_told(bench, text, outcome, code):
    result = bench.run(command(text))
    assert (result.outcome, result.exports["KINTO_EXIT_CODE"]) == (outcome, code), result
    assert result.build["buildStatus"] == "SUCCEEDED"
    assert result.exports["KINTO_STAGE"] == "run"
    assert bool(result.reason) == (outcome != "succeeded")


def test_a_job_has_a_beginning_and_an_end(bench):
    exports = bench.run(command("sleep 0.2")).exports
    assert exports["KINTO_STARTED_AT"] < exports["KINTO_FINISHED_AT"]
    assert exports["KINTO_STARTED_AT"].endswith("Z")


def test_a_job_sees_its_variables_and_nothing_of_the_build(bench, monkeypatch):
    monkeypatch.setenv("SOMETHING_OF_THE_USER", "private")
    spec = command("env", variables={"KINTO_RUN_ID": "r1", "PLAIN": "a 'b' $c\nd", "AWS_REGION": "mars"})
    lines = bench.run(spec).lines
    names = {line.split("=")[0] for line in lines if "=" in line}
    assert {"KINTO_RUN_ID=r1", "PLAIN=a 'b' $c", "d", "AWS_REGION=mars"} <= set(lines)
    assert {name for name in names if name.startswith(("KINTO_", "AWS_"))} == {"KINTO_RUN_ID", "AWS_REGION"}
    assert not names & {"SOMETHING_OF_THE_USER", "VIRTUAL_ENV", "PYTHONPATH"}
    assert "PATH" in names
    assert "HOME" in names


def test_a_job_finds_none_of_the_stand_ins_in_its_path(bench):
    lines = bench.run(command("echo $PATH")).lines
    assert "infra/local/bin" not in lines[0]


def test_a_command_without_a_repository_works_in_an_empty_folder(bench):
    assert bench.run(command("ls -A | wc -l")).lines == ["0"]


def test_ten_thousand_lines_arrive_whole_and_in_order(bench):
    result = bench.run(command("seq 10000"))
    assert result.lines == [str(number) for number in range(1, 10001)]


def test_errors_and_output_are_in_one_log_in_order(bench):
    result = bench.run(command("for n in 1 2 3; do echo out $n; echo err $n >&2; done"))
    assert result.lines == ["out 1", "err 1", "out 2", "err 2", "out 3", "err 3"]


def test_lines_are_there_while_the_job_runs(bench):
    build_id = bench.start(command("echo first; sleep 60"))
    bench.wait_for_line(build_id, "first")
    assert bench.build(build_id)["buildStatus"] == "IN_PROGRESS"
    bench.codebuild.stop_build(id=build_id)


def test_long_lines_empty_lines_and_foreign_bytes_arrive(bench):
    long = "x" * 200_000
    text = f"{sys.executable} -c \"print('x' * 200000)\"; echo; printf 'caf\\351\\n'; printf 'no line feed'"
    lines = bench.run(command(text)).lines
    assert "".join(line.removesuffix("…") for line in lines[:-3]) == long
    assert lines[-3:] == ["", "caf\ufffd", "no line feed"]


def test_a_job_that_forges_the_runners_words_changes_nothing(bench):
    forged = "export KINTO_OUTCOME=succeeded KINTO_EXIT_CODE=0"
    text = f"{forged}; echo '{forged}'; for d in 1 2 3 4 5 6 7 8 9; do printf 'end\\0000\\0' >&$d; done; exit 5"
    exports = bench.run(command(text)).exports
    assert (exports["KINTO_OUTCOME"], exports["KINTO_EXIT_CODE"]) != ("succeeded", "0")
    result = bench.run(command(f"{forged}; echo '{forged}'; echo KINTO_OUTCOME=succeeded >&2; exit 5"))
    assert (result.outcome, result.exports["KINTO_EXIT_CODE"]) == ("failed", "5")


def test_a_timeout_ends_the_job_with_its_code(bench):
    # The sleep may be ended, and waited for, before the shell has seen its own signal: it must not end by that.
    waits = "trap 'echo asked; exit 7' TERM; echo on; sleep 60 & wait; while :; do :; done"
    result = bench.run(command(waits, timeout_seconds=1))
    assert result.outcome == "timed_out"
    assert result.exports["KINTO_EXIT_CODE"] == "7"
    assert result.lines == ["on", "asked"]
    assert "1 s" in result.reason


def test_a_timeout_kills_what_does_not_listen_and_leaves_no_process(bench):
    mark = f"mark-{uuid.uuid4()}"
    stubborn = f"{sys.executable} -c 'import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(99)' {mark}"
    text = f"trap '' TERM; ({stubborn} &) ; setsid {stubborn} & {stubborn}; sleep 99"
    build_id = bench.start(command(text, timeout_seconds=3, grace_seconds=0.3))
    until(lambda: len(marked(mark)) >= 3)
    result = bench.wait(build_id)
    assert (result.outcome, result.exports["KINTO_EXIT_CODE"]) == ("timed_out", "137")
    assert marked(mark) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives orphans to a process of ours")
def test_what_a_job_leaves_behind_ends_with_it(bench):
    mark = f"mark-{uuid.uuid4()}"
    daemon = f"env -i setsid sh -c 'while :; do sleep 1; done; : {mark}'"
    result = bench.run(command(f"({daemon} &) ; sleep 0.3; echo done"))
    assert result.outcome == "succeeded"
    assert result.lines == ["done"]
    assert marked(mark) == []


def test_a_job_ends_when_its_own_process_ends_not_when_its_pipe_closes(bench):
    assert bench.run(command("sleep 99 & echo done")).lines == ["done"]


def test_building_comes_first_and_does_not_count_into_the_timeout(bench):
    result = bench.run(
        command("cat built; exit 4", build="sleep 1.2; echo built > built; echo said", timeout_seconds=1)
    )
    assert (result.outcome, result.exports["KINTO_EXIT_CODE"]) == ("failed", "4")
    assert result.lines == ["said", "built"]


def test_a_failing_build_command_means_that_the_job_did_not_start(bench):
    result = bench.run(command("echo never", build="echo compiling; echo 'missing: frobnicate'; exit 2"))
    assert (result.outcome, result.exports["KINTO_STAGE"]) == ("start_failed", "image")
    assert "missing: frobnicate" in result.reason
    assert "2" in result.reason
    assert result.exports["KINTO_EXIT_CODE"] == ""
    assert result.exports["KINTO_STARTED_AT"] == ""
    assert "never" not in result.lines


def test_masked_values_reach_the_job_but_not_the_log(bench):
    spec = command(
        "printf '%s\\n' \"$TOKEN\"; printf 'x%sx\\n' \"$KEY\"; printf 'hun'; sleep 0.1; printf 'ter2\\n'; echo ${#KEY}",
        build="echo building with $TOKEN",
    )
    sealed = bench.seal(spec["run_id"], {"TOKEN": "hunter2", "KEY": "first\nsecond"})
    result = bench.run(spec, sealed)
    assert result.lines == ["building with ***", "***", "x***x", "***", "12"]


def test_a_masked_value_does_not_get_into_the_reason(bench):
    spec = command("true", build="echo hunter2; exit 1")
    assert "hunter2" not in bench.run(spec, bench.seal(spec["run_id"], {"TOKEN": "hunter2"})).reason


def test_secrets_of_another_run_are_of_no_use(bench):
    result = bench.run(command("echo never"), bench.seal("another", {"TOKEN": "hunter2"}))
    assert (result.outcome, result.exports["KINTO_STAGE"]) == ("start_failed", "source")
    assert "decrypt" in result.reason


def test_a_specification_that_is_none_is_a_failed_build(bench):
    result = bench.run("{}")
    assert result.build["buildStatus"] == "FAILED"
    assert result.exports["KINTO_STAGE"] == "source"


def test_the_reason_is_one_short_line(bench):
    text = f"{sys.executable} -c \"print('y' * 5000)\"; printf 'a\\033[31mb\\n'; exit 1"
    reason = bench.run(command("true", build=text)).reason
    assert len(reason) <= 500
    assert "\n" not in reason
    assert "\033" not in reason


def test_secrets_are_never_in_the_process_list(bench):
    linux = "for process in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <$process; echo; done 2>/dev/null"
    spec = command(f"sleep 60 & if [ -d /proc/self ]; then {linux}; else ps -ef; fi")
    result = bench.run(spec, bench.seal(spec["run_id"], {"TOKEN": "hunter2"}))
    assert any("sleep 60" in line for line in result.lines)
    assert "***" not in "".join(result.lines)


def test_the_shell_is_told_the_outcome_in_quotes():
    from infra.runner.runner import exports

    said = exports({"KINTO_OUTCOME": "failed", "KINTO_REASON": "it's $(touch /tmp/x) `y`\n\x07z" + "w" * 999})
    assert "KINTO_REASON='it'\"'\"'s $(touch /tmp/x) `y`" in said
    assert said.count("\n") == 7


def test_signals_have_their_names_codes():
    from infra.runner.processes import shell_code

    assert shell_code(signal.SIGKILL) == 137
    assert shell_code(3 << 8) == 3


@pytest.mark.parametrize(
    ("text", "told"),
    [("seq -s ' ' 100000 100100", "… 100059 100060"), ("head -c 400 /dev/zero | tr '\\0' x; echo", "… xxx")],
)
def test_a_reason_that_is_cut_says_so_and_begins_with_a_whole_word(bench, text, told):
    reason = bench.run(command("true", build=f"{text}; exit 1")).reason
    assert reason.partition(": ")[2].startswith(told)
    assert len(reason) < 400
