"""Measures bulk exchange against what others offer, on the same data on the same machine: ``make bench``."""
