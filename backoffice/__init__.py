"""The generator: from declared models to a whole back office. It knows no word of any domain."""
