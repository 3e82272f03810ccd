"""The exact best of vectors whose items satisfy a price-and-brand filter, from 0.01 % to 100 % of them."""
