"""A process killed in the middle of a write leaves what was there before, whole."""

import signal
import subprocess
import sys

from data.store import Store
from data.store.engine import open_engine
from tests.data.store.worlds import SETTINGS, accounts, provenance, score_plan

DYING = """
import os, signal, sys
from data.store import Store
from tests.data.store.worlds import accounts, provenance, score_plan

class Dying(Store):
    def _record(self, *args, **kwargs):  # the last statement before the transaction ends
        os.kill(os.getpid(), signal.SIGKILL)

store = Dying(sys.argv[1])
if sys.argv[2] == "rows":
    ids = [f"N{row}" for row in range(20_000)]
    store.write_rows("espoo", "accounts", accounts(*ids, name="new"), mode="replace")
else:
    store.save_plan(score_plan(), provenance())
"""


def test_kill_9_before_the_commit_leaves_the_old_state(url: str) -> None:
    store = Store.open(url)
    store.create_market("espoo", SETTINGS)
    store.write_rows("espoo", "accounts", accounts("A", "B"))
    before = store.tables_hash("espoo")
    for what in ("rows", "plan"):
        done = subprocess.run([sys.executable, "-c", DYING, url, what], timeout=60, check=False)
        assert done.returncode == -signal.SIGKILL
        assert store.tables_hash("espoo") == before
        assert store.list_plans("espoo") == ()
    store.write_rows("espoo", "accounts", accounts("C"))
    assert store.market("espoo").table("accounts")["account_id"].tolist() == ["A", "B", "C"]
    store.save_plan(score_plan(), provenance())
    store.close()
    if url.startswith("sqlite"):
        engine = open_engine(url)
        with engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        engine.dispose()
