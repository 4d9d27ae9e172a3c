"""The VROOM door: requests and answers in VROOM's JSON, as vroom-express and openrouteservice."""
