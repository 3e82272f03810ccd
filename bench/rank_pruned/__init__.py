"""The network without the hidden units that matter least, beside the full one, both resident."""
