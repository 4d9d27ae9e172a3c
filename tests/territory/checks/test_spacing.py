"""The judge of distances between successive visits of a series."""

from dataclasses import replace
from datetime import timedelta

from territory.checks import check_visits
from tests.acceptance import clean_plans


def test_the_judge_finds_visits_farther_apart_than_the_series_allows() -> None:
    plan, facts = clean_plans.visit_plan(), clean_plans.visit_facts()
    needs = tuple(
        replace(need, max_spacing_days=3) if need.visit_id == "A#2" else need
        for need in facts.needs
    )
    near = check_visits(plan, replace(facts, needs=needs))
    assert "too_far_apart" not in {found.code for found in near}
    last = max(route.date for route in plan.routes)
    later = tuple(
        replace(route, date=route.date + timedelta(days=7)) if route.date == last else route
        for route in plan.routes
    )
    far = check_visits(replace(plan, routes=later), replace(facts, needs=needs))
    found = [violation for violation in far if violation.code == "too_far_apart"]
    assert [(violation.stated, violation.found) for violation in found] == [(8, 3)]


def test_the_judge_finds_another_list_of_accounts_behind_the_door() -> None:
    plan, facts = clean_plans.visit_plan(), clean_plans.visit_facts()
    needs = tuple(
        replace(need, with_account_ids=("C",)) if need.visit_id == "B#1" else need
        for need in facts.needs
    )
    codes = {found.code for found in check_visits(plan, replace(facts, needs=needs))}
    assert codes == {"wrong_facts"}
