"""Work in the background: the jobs that wait, the workers that do them, and how far each has come."""
