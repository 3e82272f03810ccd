"""A raw request and 1,000 raw items that no catalogue has: recfast encodes everything, peers start from encoded rows."""
