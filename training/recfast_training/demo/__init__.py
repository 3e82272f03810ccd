"""The main job on real data: train on a year of retail baskets, prune, quantise, export one file, rank with it."""
