"""Many faces and scans into one folder: planned, made, recorded in a manifest, gone on with after any interruption."""
