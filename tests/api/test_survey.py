"""The survey through the command line and HTTP: resolve, review, decide, undo, origins."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from api.cli import app as commands
from api.settings import Settings
from api.usecases import surveys
from api.usecases.imports import create_market, import_files
from api.usecases.workspace import Workspace
from territory.errors import Conflict, InputError, NotFound

YELLOW = (
    "id,name,lon,lat,category,phone,brand,observed_on,income\n"
    "001,Ravintola Kappeli,24.9472,60.1675,restaurant,+358 9 612 6200,,2025-01-01,100000\n"
    "002,=cmd()|' /C calc'!A0,24.9300,60.1680,shop,09 111222,Shop,2025-01-01,\n"
    "003,=cmd()|' /C calc'!A0,24.9311,60.1680,shop,09 333444,Shop,2025-01-01,\n"
)
VISIT = (
    "id,name,lon,lat,category,phone,brand,observed_on,income\n"
    "7,Rav. Kappeli Oy,24.9473,60.1675,restaurant,09 612 6200,,2026-05-01,120000\n"
    "8,=cmd()|' /C calc'!A0,24.93055,60.1680,shop,,Shop,2026-05-01,\n"
)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    workspace = Workspace(Settings(var=tmp_path / "var"))
    yield workspace
    workspace.store.close()


def _files(folder: Path) -> dict[str, list[Path]]:
    (folder / "yellow.csv").write_text(YELLOW)
    (folder / "visit.csv").write_text(VISIT)
    return {"yellow_pages": [folder / "yellow.csv"], "visit": [folder / "visit.csv"]}


def _ids(workspace: Workspace) -> list[str]:
    return workspace.store.table("toy", "companies")["company_id"].tolist()


ALL_FOUR = ["visit:8", "yellow_pages:001", "yellow_pages:002", "yellow_pages:003"]


def test_sources_become_companies_with_origins(workspace: Workspace, tmp_path: Path) -> None:
    found = surveys.resolve_survey(workspace, "toy", _files(tmp_path))
    assert "5 records became 4 companies" in found.lines
    assert _ids(workspace) == ALL_FOUR
    origins = {item.field: item for item in surveys.origins_of(workspace, "toy", ALL_FOUR[1])}
    assert origins["income"].source == "visit"
    assert origins["income"].source_date == "2026-05-01"
    with pytest.raises(NotFound):
        surveys.origins_of(workspace, "toy", "nobody")


def test_a_dry_run_writes_nothing_not_even_the_market(workspace: Workspace, tmp_path: Path) -> None:
    found = surveys.resolve_survey(workspace, "toy", _files(tmp_path), dry_run=True)
    assert "5 records would become 4 companies" in found.lines
    assert workspace.store.list_markets() == ()
    assert not workspace.folder("toy").exists()


def test_companies_of_other_origin_stay_when_the_survey_is_resolved(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "companies.csv"
    path.write_text("company_id,name,lon,lat\nown-1,Mine,24.95,60.17\n")
    import_files(workspace, "toy", [path])
    surveys.resolve_survey(workspace, "toy", _files(tmp_path))
    surveys.resolve_survey(workspace, "toy", {})
    assert sorted(_ids(workspace)) == sorted(["own-1", *ALL_FOUR])


def test_a_source_given_again_replaces_what_was_kept_of_it(
    workspace: Workspace, tmp_path: Path
) -> None:
    files = _files(tmp_path)
    surveys.resolve_survey(workspace, "toy", files)
    files["yellow_pages"][0].write_text("".join(YELLOW.splitlines(keepends=True)[:2]))
    surveys.resolve_survey(workspace, "toy", {"yellow_pages": files["yellow_pages"]})
    assert _ids(workspace) == ["visit:8", "yellow_pages:001"]


def test_a_decision_wins_is_kept_and_is_taken_back(workspace: Workspace, tmp_path: Path) -> None:
    surveys.resolve_survey(workspace, "toy", _files(tmp_path))
    surveys.decide(workspace, "toy", "same", "visit:8", "003")
    assert _ids(workspace) == [ALL_FOUR[1], ALL_FOUR[2], ALL_FOUR[3]]
    surveys.decide(workspace, "toy", "different", "yellow_pages:001", "visit:7")
    assert "visit:7" in _ids(workspace)
    surveys.resolve_survey(workspace, "toy", {})  # decisions outlive a new resolution
    assert "visit:7" in _ids(workspace)
    surveys.undo(workspace, "toy")
    surveys.undo(workspace, "toy")
    assert _ids(workspace) == ALL_FOUR
    with pytest.raises(Conflict, match="no decision"):
        surveys.undo(workspace, "toy")


def test_a_newer_decision_on_the_same_records_replaces_the_older(
    workspace: Workspace, tmp_path: Path
) -> None:
    surveys.resolve_survey(workspace, "toy", _files(tmp_path))
    surveys.decide(workspace, "toy", "same", "visit:8", "yellow_pages:003")
    surveys.decide(workspace, "toy", "different", "yellow_pages:003", "visit:8")
    verdicts = [item.verdict for item in surveys.decisions_of(workspace, "toy")]
    assert verdicts == ["different"]
    assert _ids(workspace) == ALL_FOUR


def test_a_decision_that_contradicts_others_is_refused_and_not_kept(
    workspace: Workspace, tmp_path: Path
) -> None:
    surveys.resolve_survey(workspace, "toy", _files(tmp_path))
    surveys.decide(workspace, "toy", "same", "002", "visit:8")
    surveys.decide(workspace, "toy", "same", "visit:8", "003")
    with pytest.raises(InputError, match="contradict"):
        surveys.decide(workspace, "toy", "different", "002", "003")
    assert len(surveys.decisions_of(workspace, "toy")) == 2


@pytest.mark.parametrize("name", ["nobody", "visit:99", "yellow_pages:", "telegram:1"])
def test_unknown_records_cannot_be_decided(workspace: Workspace, tmp_path: Path, name: str) -> None:
    surveys.resolve_survey(workspace, "toy", _files(tmp_path))
    with pytest.raises(InputError, match="a record of the survey"):
        surveys.decide(workspace, "toy", "same", name, "visit:7")


def test_the_faults_of_all_files_come_together_with_row_and_column(
    workspace: Workspace, tmp_path: Path
) -> None:
    files = _files(tmp_path)
    files["yellow_pages"][0].write_text(YELLOW + "001,Twice,24.9,60.1,,,,,\n")
    files["visit"][0].write_text(VISIT + "9,Poor,24.9,60.1,,,,,-5\n10,Far,24.9,95,,,,,\n")
    with pytest.raises(InputError) as caught:
        surveys.resolve_survey(workspace, "toy", files)
    found = {(fault.file, fault.row, fault.column) for fault in caught.value.faults}
    assert found == {
        ("yellow.csv", 5, "source_record_id"),
        ("visit.csv", 4, "income"),
        ("visit.csv", 5, "lat"),
    }
    kept = surveys.resolve_survey(workspace, "toy", files, skip_bad_rows=True)
    assert "5 records became 4 companies" in kept.lines


def test_decisions_come_from_a_file_and_bad_ones_are_named(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "decisions.csv"
    path.write_text("verdict,left,right\nsame,visit:8,yellow_pages:003\n")
    surveys.resolve_survey(workspace, "toy", _files(tmp_path), decisions=path)
    assert "visit:8" not in _ids(workspace)
    path.write_text("verdict,left,right\nperhaps,visit:8,003\n")
    with pytest.raises(InputError) as caught:
        surveys.resolve_survey(workspace, "toy", {}, decisions=path)
    assert {(f.row, f.column) for f in caught.value.faults} == {(2, "verdict"), (2, "right")}


def test_the_review_list_is_exported_without_live_cells(
    workspace: Workspace, tmp_path: Path
) -> None:
    surveys.resolve_survey(workspace, "toy", _files(tmp_path))
    name, content = surveys.export_review(workspace, "toy", "csv")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert name == "toy-review.csv"
    assert {row["left"] for row in rows} | {row["right"] for row in rows} >= {"visit:8"}
    assert all(row["left_name"].startswith("'=cmd()") for row in rows)
    assert all(row["reasons"] for row in rows)
    book = openpyxl.load_workbook(io.BytesIO(surveys.export_review(workspace, "toy", "xlsx")[1]))
    assert {cell.data_type for row in book["review"].iter_rows() for cell in row} <= {"s", "n", "b"}
    with pytest.raises(InputError, match="no format"):
        surveys.export_review(workspace, "toy", "exe")


def test_a_place_outside_every_zone_is_flagged(workspace: Workspace, tmp_path: Path) -> None:
    zones = tmp_path / "zones.csv"
    zones.write_text(
        'zone_id,geometry\n1,"POLYGON((24.9 60.1, 25.0 60.1, 25.0 60.2, 24.9 60.2, 24.9 60.1))"\n'
    )
    import_files(workspace, "toy", [zones])
    files = _files(tmp_path)
    files["visit"][0].write_text(VISIT + "9,Laiva,24.95,59.8,boat,,,,\n")
    found = surveys.resolve_survey(workspace, "toy", files)
    assert "1 records in doubt: lies in the sea or off the map" in found.lines
    assert surveys.flags_of(workspace, "toy") == [
        {
            "source": "visit",
            "source_record_id": "9",
            "column": "lon",
            "reason": "lies in the sea or off the map",
        }
    ]


def test_an_account_follows_its_record_into_another_company(
    workspace: Workspace, tmp_path: Path
) -> None:
    surveys.resolve_survey(workspace, "toy", _files(tmp_path))
    accounts = tmp_path / "accounts.csv"
    accounts.write_text(
        "account_id,name,lon,lat,company_id\nA,Shop,24.93,60.168,visit:8\nB,Own,24.93,60.168,x\n"
    )
    import_files(workspace, "toy", [accounts])
    surveys.decide(workspace, "toy", "same", "visit:8", "003")
    table = workspace.store.table("toy", "accounts")
    assert table["company_id"].tolist() == ["yellow_pages:003", "x"]


def test_review_of_an_unresolved_survey_or_unknown_market_is_not_found(
    workspace: Workspace,
) -> None:
    create_market(workspace, "toy", given={})
    with pytest.raises(NotFound, match="never resolved"):
        surveys.review_page(workspace, "toy")
    with pytest.raises(NotFound):
        surveys.review_page(workspace, "none")


def test_the_commands_do_it_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIELDWRIGHT_VAR", str(tmp_path / "var"))
    files = _files(tmp_path)
    pairs = [f"{source}={paths[0]}" for source, paths in files.items()]
    run = CliRunner().invoke
    done = run(commands, ["survey", "resolve", "toy", *pairs])
    assert done.exit_code == 0, done.output
    assert "5 records became 4 companies" in done.output
    assert "m apart" in run(commands, ["survey", "review", "toy"]).output
    done = run(commands, ["survey", "decide", "toy", "--same", "visit:8", "003"])
    assert "5 records became 3 companies" in done.output
    assert "visit:8" in run(commands, ["survey", "decisions", "toy"]).output
    assert "5 records became 4" in run(commands, ["survey", "undo", "toy"]).output
    origins = run(commands, ["survey", "origins", "toy", "yellow_pages:001"]).output
    assert "visit:7  2026-05-01" in origins
    out = ["--format", "json", "--out", str(tmp_path / "export")]
    assert run(commands, ["survey", "review", "toy", *out]).exit_code == 0
    assert (tmp_path / "export" / "toy-review.json").exists()
    assert run(commands, ["survey", "decide", "toy"]).exit_code == 2
    assert run(commands, ["survey", "resolve", "toy", "nonsense"]).exit_code == 2


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    app = create_app(Settings(var=tmp_path / "var"))
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        client.post("/v1/markets", json={"name": "toy"})
        yield client
    app.state.workspace.store.close()


def test_the_survey_is_resolved_reviewed_and_decided_over_http(client: TestClient) -> None:
    base = "/v1/markets/toy/survey"
    files = {"yellow_pages": ("y.csv", YELLOW, "text/csv"), "visit": ("v.csv", VISIT, "text/csv")}
    done = client.post(f"{base}/resolution", files=files)
    assert (done.status_code, done.json()["companies"]) == (201, 4)
    page = client.get(f"{base}/review", params={"limit": 1}).json()
    assert (len(page["rows"]), page["next"]) == (1, 1)
    body = {"verdict": "same", "left": "visit:8", "right": "yellow_pages:003"}
    assert client.post(f"{base}/decisions", json=body).json()["companies"] == 3
    assert client.get(f"{base}/decisions").json() == [body]
    assert client.delete(f"{base}/decisions/last").json()["companies"] == 4
    assert client.delete(f"{base}/decisions/last").status_code == 409
    origins = client.get(f"{base}/companies/yellow_pages:001/origins").json()
    assert {"income"} <= {item["field"] for item in origins}
    for format_, start in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK"), ("json", b"[")):
        answer = client.get(f"{base}/review/{format_}")
        assert answer.content.startswith(start)
    assert client.get(f"{base}/review/exe").status_code == 422
    assert client.get("/v1/markets/none/survey/review").status_code == 404
    assert client.post(f"{base}/decisions", json={**body, "left": "visit:99"}).status_code == 422


def test_bad_uploads_come_back_with_row_and_column(client: TestClient) -> None:
    bad = {"visit": ("v.csv", VISIT + "9,Poor,24.9,60.1,,,,,-5\n", "text/csv")}
    answer = client.post("/v1/markets/toy/survey/resolution", files=bad)
    assert answer.status_code == 422
    assert [(e["file"], e["row"], e["column"]) for e in answer.json()["errors"]] == [
        ("v.csv", 4, "income")
    ]
    assert client.get("/v1/markets/toy/tables/companies").json()["total"] == 0
