"""A raw request and 1,000 raw items that no catalogue has: recfast encodes all of it, peers start from encoded rows."""
