"""Entity resolution on small worlds a reader can check by hand."""
