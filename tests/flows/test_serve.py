"""`taylorkit serve`: one server for all of these tests, with a password, which must be found in no file."""

import base64
import io
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psutil
import pytest
from PIL import Image

from flows import authentication, processes, server, when
from flows import serve as command
from taylorkit.doctor import Finding, Place, runs, servers
from taylorkit.errors import SpecError
from taylorkit.store.verify import verify
from tests.flows.serving import SECRET, Served, answers, serve, until
from tests.store.making import ATLAS, LINE, write_spec

ROOT = Path(__file__).parents[2]
SERVED = ("taylor/one-spec", "all-specs/nightly", "redraw/figures", "verify/store")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("served")
    write_spec(folder / "specs", LINE, "line")
    return folder


@pytest.fixture(scope="module")
def served(place: Path) -> Iterator[Served]:
    words = ("--store", place / "store", "--folder", place / "specs", "--every", "6")
    secret = {authentication.SERVER: SECRET, authentication.CLIENT: SECRET}
    # New schedules are looked for once a minute, unless somebody waits for them.
    found = serve(place / "home", *words, **secret, PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS="2")
    try:
        yield found
    finally:
        found.stop()


def artifacts(served: Served, run: str) -> dict[str, list[dict]]:
    found = served.ask("artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run]}}})
    return {kind: [a for a in found if a["type"] == kind] for kind in {a["type"] for a in found}}


def found_by_doctor(served: Served, place: Path) -> list[Finding]:
    """Of this server alone: others may run servers on this machine."""
    home = Place(place / "store", Path(served.environment["PREFECT_HOME"]))
    ours = {f"process {process.pid}" for process in served.processes()}
    orphaned = [found for found in servers.orphaned(home) if found.value.partition(" (")[0] in ours]
    return [*runs.left_running(home), *orphaned]


def test_a_schedule_fires_by_itself(served: Served, place: Path) -> None:
    """It comes without anybody asking, six seconds after the start."""
    first = until(lambda: [r for r in served.runs("all-specs") if r["state_type"] == "COMPLETED"], 180, "a run")
    assert first[0]["auto_scheduled"]
    (artifact,) = (place / "store").glob("line-*.zarr")
    assert verify(artifact) == []
    assert len(served.runs("all-specs")) > 1  # and the next ones are planned
    deployment = served.ask("deployments/name/all-specs/nightly")["id"]
    served.ask(f"deployments/{deployment}/pause_deployment", {})


def test_a_cron_schedule_is_planned(served: Served) -> None:
    """With a library that does not fit Prefect it never is, and nothing says so."""
    deployment = served.ask("deployments/name/taylor/one-spec")["id"]
    hourly = {"schedule": {"cron": "17 * * * *", "timezone": "UTC"}, "active": True}
    served.ask(f"deployments/{deployment}/schedules", [hourly])

    def waiting() -> list[dict]:
        mine = [r for r in served.runs("taylor") if r["deployment_id"] == deployment]
        return [r for r in mine if r["state_type"] == "SCHEDULED"]

    planned = until(waiting, 60, "a planned run")
    assert {r["expected_start_time"][13:19] for r in planned} == {":17:00"}
    assert all(r["auto_scheduled"] for r in planned)


def test_a_run_from_another_shell_makes_the_artifact_and_shows_it(served: Served, place: Path) -> None:
    said = served.said.read_text()
    assert f"export PREFECT_API_URL={served.api}" in said
    assert f"prefect deployment run 'taylor/one-spec' --param spec={place / 'specs' / 'line.toml'}" in said
    spec = write_spec(
        place / "more", f"{ATLAS}\n[report]\nfigures = [{{ kind = 'error_map', degrees = [1] }}]\n", "map"
    )
    run = served.start("taylor/one-spec", spec=spec)
    until(lambda: served.state(run) not in ("SCHEDULED", "PENDING"), 60, "its start")
    assert found_by_doctor(served, place) == []
    assert served.ended(run) == "COMPLETED"
    (artifact,) = (place / "store").glob("map-*.zarr")
    shown = artifacts(served, run)
    bars = {bar["description"]: bar["data"] for bar in shown["progress"]}
    assert bars["derivatives, 1 blocks"] == 100.0
    assert len(bars) == 4
    (table,) = shown["table"]
    assert [row["degree"] for row in json.loads(table["data"])] == ["0", "1", "2"]
    link, picture = sorted(shown["markdown"], key=lambda a: a["key"], reverse=True)
    assert picture["key"] == "map-01-error-map"
    assert "degrees 1" in picture["description"]
    data = base64.b64decode(picture["data"].removeprefix("![figure](data:image/png;base64,").removesuffix(")"))
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "PNG"
        assert 300 < image.width <= 900
    address = link["data"].partition("](")[2].rstrip(")")
    with urlopen(address) as page:
        assert b"sampled" in page.read()
    assert artifact.stem in address


def test_pages_alone_are_served(served: Served, place: Path) -> None:
    """No array, no record, nothing inside an artifact or beside the pages, nothing outside of the store."""
    root = next(
        line.split()[-1] for line in served.said.read_text().splitlines() if line.startswith("artifacts' pages")
    )
    (artifact,) = (place / "store").glob("line-*.zarr")
    store, page = place / "store", f"pages/{artifact.stem}"
    (store / "out.html").symlink_to(place / "specs" / "line.toml")
    (store / "pages" / "out.html").symlink_to(store / "other.html")
    for other in (store / "other.html", artifact / "in.html"):
        other.write_text("not a page of ours")
    for path in ("", "index.html", page, f"{page}/figures/01-convergence.png"):
        assert answers(f"{root}/{path}"), path
    links = ("out.html", "pages/out.html", "../specs/line.toml")
    inside = (f"{artifact.name}/zarr.json", artifact.name, f"{artifact.name}/in.html", f"{page}/drawn/zarr.json")
    for path in ("pages/", "other.html", "pages/index/zarr.json", *links, *inside):
        with pytest.raises(HTTPError) as refused:
            urlopen(f"{root}/{path}")
        assert refused.value.code == 404, path
    (artifact / "in.html").unlink()


def test_fault_S3_idle_connections_do_not_end_it(served: Served) -> None:
    root = next(
        line.split()[-1] for line in served.said.read_text().splitlines() if line.startswith("artifacts' pages")
    )
    before = served.processes()
    with ExitStack() as lines:
        for _ in range(900):
            lines.enter_context(socket.create_connection(("127.0.0.1", int(root.rpartition(":")[2])), 5))
        assert answers(f"{root}/") and answers(f"{served.api}/health")
        time.sleep(2 * processes.LOOK)
        assert served.process.poll() is None and all(process.is_running() for process in before[:3])


def test_parameters_are_described(served: Served) -> None:
    for name in SERVED:
        schema = served.ask(f"deployments/name/{name}")["parameter_openapi_schema"]
        assert all(p["description"] for p in schema["properties"].values()), name


def test_no_page_but_its_own_drives_it(served: Served) -> None:
    """A browser asks for whom it may read an answer, and lets no page send what needs a token that it cannot read."""
    own = served.api.removesuffix("/api")
    for origin, allowed in ((own, own), ("http://elsewhere.example", None), ("null", None)):
        with urlopen(Request(f"{served.api}/health", headers={"Origin": origin})) as answer:
            assert answer.headers["Access-Control-Allow-Origin"] == allowed
    with pytest.raises(HTTPError) as refused:
        urlopen(Request(f"{served.api}/flows/count", b"{}", {"Content-Type": "application/json"}))
    assert "Missing CSRF token" in refused.value.read().decode()


def test_what_is_run_and_when_is_said(served: Served, place: Path) -> None:
    said = served.ask("deployments/name/all-specs/nightly")["description"]
    assert said == f"Every spec of {place / 'specs'}, every 6 seconds; what is there already is kept."


def test_fault_S10_no_spec_is_served_that_the_folder_does_not_have(served: Served) -> None:
    assert sorted(d["name"] for d in served.ask("deployments/filter", {})) == sorted(n.split("/")[1] for n in SERVED)
    assert "spec" not in served.ask("deployments/name/taylor/one-spec")["parameters"]


def test_the_password_is_asked_for_and_written_nowhere(served: Served, place: Path) -> None:
    with pytest.raises(HTTPError) as refused:
        urlopen(f"{served.api}/deployments/name/taylor/one-spec")
    assert refused.value.code == 401
    password = SECRET.partition(":")[2].encode()
    files = [p for p in place.rglob("*") if p.is_file()]
    assert any(p.name == "prefect.db" for p in files)
    assert not [p for p in files if password in p.read_bytes()]
    assert not [p for p in served.processes() if SECRET in " ".join(p.cmdline())]


def test_a_busy_port_is_refused(served: Served, place: Path) -> None:
    port = served.api.split(":")[2].partition("/")[0]
    done = subprocess.run(
        [sys.executable, "-m", "flows.serve", "--port", port], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert f"port = {port}: 127.0.0.1 cannot listen there" in done.stderr
    assert "choose another with --port" in done.stderr


def test_a_work_pool_takes_what_prefect_yaml_says(served: Served) -> None:
    """The last but one: it puts these deployments in the place of those that are served."""
    prefect = [sys.executable, "-m", "prefect", "--no-prompt"]
    for words in (["work-pool", "create", "--type", "process", "local"], ["deploy", "--all"]):
        done = subprocess.run(
            [*prefect, *words], cwd=ROOT, env=served.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    for name in (*SERVED, "taylor/option-risk"):
        assert served.ask(f"deployments/name/{name}")["work_pool_name"] == "local"
    for name, cron in {"all-specs/nightly": "0 3 * * *", "taylor/option-risk": "0 22 * * 1-5"}.items():
        schedules = served.ask(f"deployments/name/{name}")["schedules"]
        assert [schedule["schedule"]["cron"] for schedule in schedules] == [cron]


def test_the_end_leaves_no_process(served: Served) -> None:
    """The last of these tests: it stops what they share."""
    before = served.processes()
    assert len(before) >= 3
    assert served.stop() == 0
    _, alive = psutil.wait_procs(before, 5)
    assert alive == []
    assert not answers(f"{served.api}/health")
    assert "stopped; committed blocks are kept" in served.said.read_text()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.0.1", "::", "some.host"])
def test_beyond_loopback_needs_a_password(
    host: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture, tmp_path: Path
) -> None:
    for name in (authentication.SERVER, authentication.CLIENT):
        monkeypatch.delenv(name, raising=False)
    assert command.main(["--host", host, "--store", str(tmp_path / "store")]) == 2
    assert f"host = {host!r}: would let everybody" in capsys.readouterr().err
    assert not (tmp_path / "store").exists()


def test_one_password_serves_both_sides() -> None:
    both = {authentication.SERVER: "a:b", authentication.CLIENT: "a:b"}
    for given in (both, {authentication.SERVER: "a:b"}, {authentication.CLIENT: "a:b"}):
        assert authentication.agreed("0.0.0.0", given) == both
    assert authentication.agreed("127.0.0.1", {}) == {}
    with pytest.raises(SpecError, match="differ") as said:
        authentication.agreed("127.0.0.1", {authentication.SERVER: "a:secret-1", authentication.CLIENT: "a:secret-2"})
    assert "secret" not in str(said.value)


def test_where_a_server_is_found() -> None:
    for host, found in {
        "127.0.0.1": "127.0.0.1",
        "0.0.0.0": "127.0.0.1",
        "::": "[::1]",
        "10.0.0.5": "10.0.0.5",
    }.items():
        assert server.address(host, 1) == f"http://{found}:1"


def test_a_port_that_is_none_is_refused(capsys: pytest.CaptureFixture) -> None:
    assert command.main(["--port", "70000"]) == 2
    assert "port = 70000" in capsys.readouterr().err


@pytest.mark.parametrize("every", ["0", "-1", "nan", "inf", "1e-9", "soon"])
def test_a_time_that_is_none_is_refused(every: str, capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit, match="2"):
        command.main(["--every", every])
    assert "is no time between two runs; give seconds, 1 or more" in capsys.readouterr().err


def test_times_in_words() -> None:
    assert when.in_words(None, None) == "each night at three"
    assert when.in_words("5 * * * *", None) == "by the schedule '5 * * * *' (UTC)"
    assert when.in_words(None, 90.0) == "every 90 seconds"
