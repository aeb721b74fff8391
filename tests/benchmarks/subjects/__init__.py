"""Programs that are run and measured, one library each; they are started as scripts."""
