"""Point-in-time features: what was known before a row's local day, for training rows and for serving alike."""
