"""Records which permissions a deployment needs, on an embedded AWS, for `bluegreen permissions`."""
