"""From staged rows to stored records: set by set where no rule has a say, one by one where one has."""
