"""Simple models that a ranking model has to beat; one file each."""
