"""What a day sheet says of an account: its last order and the gap, by hand from the tables."""

from datetime import timedelta
from pathlib import Path

from api.settings import Settings
from api.usecases.account_facts import account_facts
from api.usecases.imports import load_sample
from api.usecases.workspace import Workspace


def test_the_gap_is_the_potential_less_a_year_of_orders(tmp_path: Path) -> None:
    """For every account that ordered; one without a potential would have no gap."""
    workspace = Workspace(Settings(var=tmp_path, database_url=""))
    load_sample(workspace, "metropolis", "city", companies=200, executives=2)
    market = workspace.store.market("city")
    facts = account_facts(market)
    orders = market.table("orders")
    today = market.settings.today
    recent = orders[[today - timedelta(days=365) < day <= today for day in orders["ordered_on"]]]
    account = str(recent["account_id"].iloc[0])
    bought = float(recent.loc[recent["account_id"] == account, "ordered_amount"].sum())
    accounts = market.table("accounts").set_index("account_id")
    companies = market.table("companies").set_index("company_id")
    potential = accounts.loc[account, "annual_potential"]
    if potential != potential:
        potential = companies.loc[accounts.loc[account, "company_id"], "consumption"]
    gap = max(0.0, float(potential) - bought)
    assert facts[account]["Gap"].startswith(f"{gap:,.0f} {market.settings.currency} a year")
    last = max(orders.loc[orders["account_id"] == account, "ordered_on"])
    assert facts[account]["Last order"].startswith(str(last))
