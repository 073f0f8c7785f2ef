"""Taking an import back: first what would become of each record, then the work."""
