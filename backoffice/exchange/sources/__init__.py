"""The kinds of file that rows come from, each read from the disk piece by piece."""
