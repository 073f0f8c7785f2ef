"""Rules that the whole project keeps; each says what to do where it is broken."""
