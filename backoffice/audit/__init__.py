"""Who changed what: an append-only trail, written in the change's own transaction."""
