"""Requests in VROOM's JSON: one that holds every field of its API page, and small ones."""

from typing import Any


def every_field() -> dict[str, Any]:
    """Each key of VROOM's page once at least, with matrices."""
    durations = [[abs(a - b) * 100 for b in range(8)] for a in range(8)]
    distances = [[abs(a - b) * 900 for b in range(8)] for a in range(8)]
    return {
        "jobs": [
            {
                "id": 1,
                "description": "<b>shop</b> {{ 7*7 }}",
                "location": [24.94, 60.17],
                "location_index": 1,
                "setup": 60,
                "service": 300,
                "setup_per_type": {"bike": 10},
                "service_per_type": {"bike": 400},
                "delivery": [1, 0],
                "pickup": [0, 1],
                "skills": [1],
                "priority": 100,
                "time_windows": [[0, 3600], [7200, 10800]],
            },
            {"id": 2, "location_index": 2, "amount": [1, 1], "service": 300},
            {"id": 3, "location_index": 7, "skills": [99], "delivery": [1, 1]},
        ],
        "shipments": [
            {
                "amount": [2, 0],
                "skills": [2],
                "priority": 7,
                "pickup": {
                    "id": 1,
                    "description": "pick",
                    "location_index": 5,
                    "setup": 5,
                    "service": 60,
                    "setup_per_type": {"bike": 1},
                    "service_per_type": {"bike": 2},
                    "time_windows": [[0, 20000]],
                },
                "delivery": {"id": 1, "location_index": 3, "service": 60},
            }
        ],
        "vehicles": [
            {
                "id": 10,
                "profile": "car",
                "description": "van",
                "start": [24.9, 60.1],
                "start_index": 0,
                "end": [24.9, 60.1],
                "end_index": 0,
                "capacity": [4, 4],
                "costs": {"fixed": 5, "per_hour": 3600, "per_task_hour": 360, "per_km": 10},
                "skills": [1, 2],
                "type": "bike",
                "time_window": [0, 20000],
                "breaks": [
                    {
                        "id": 4,
                        "description": "lunch",
                        "service": 600,
                        "time_windows": [[1000, 5000]],
                        "max_load": [4, 4],
                    }
                ],
                "speed_factor": 1.25,
                "max_tasks": 5,
                "max_travel_time": 9000,
                "max_distance": 90000,
                "steps": [
                    {"type": "start"},
                    {"type": "job", "id": 1, "service_after": 0, "service_before": 9000},
                    {"type": "break", "id": 4},
                    {"type": "job", "id": 2, "service_at": 900},
                    {"type": "pickup", "id": 1},
                    {"type": "delivery", "id": 1},
                    {"type": "end"},
                ],
            }
        ],
        "matrices": {"car": {"durations": durations, "distances": distances}},
        "options": {"g": False, "t": 2, "x": 1, "l": 5, "seed": 3},
        "a_key_of_tomorrow": True,
    }


def by_coordinates() -> dict[str, Any]:
    """Two jobs and a van around Helsinki, no matrices."""
    return {
        "jobs": [
            {"id": 1, "location": [24.9384, 60.1699], "service": 300},
            {"id": 2, "location": [24.9522, 60.1675], "service": 300},
        ],
        "vehicles": [
            {"id": 1, "profile": "driving-car", "start": [24.95, 60.18], "end": [24.95, 60.18]}
        ],
        "options": {"x": 0},
    }


def small() -> dict[str, Any]:
    """One job on a matrix of two places."""
    return {
        "jobs": [{"id": 7, "location_index": 1}],
        "vehicles": [{"id": 1, "start_index": 0, "end_index": 0}],
        "matrices": {"car": {"durations": [[0, 50], [40, 0]]}},
        "options": {"x": 0},
    }
