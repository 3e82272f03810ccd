"""How recfast's latency grows: with the candidates, and with the catalogue; the sizes take turns in one run."""
