"""A catalogue that changes all the time: what its readers notice, and that each gets the version that it is told."""
