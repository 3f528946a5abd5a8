"""Training the completer: the network that gives a scan the maps it lacks."""
