"""What the scenarios that rank have in common: networks, a shop, and the competitors that rank with both."""
