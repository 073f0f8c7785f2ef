// Forms: the first error gets the focus, and unsaved work is not lost by a stray click.
