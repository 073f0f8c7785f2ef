"""Files in and out: reading, mapping, linking, planning, applying, exporting. A file says nothing twice and loses nothing."""
