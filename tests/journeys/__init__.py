"""Stories of people at work, from the first start to the last export."""
