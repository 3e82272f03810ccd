"""A raw request and ids of resident items to the best 50: the reference point, and each axis varied alone."""
