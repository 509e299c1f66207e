"""Nothing secret stands in the JSON."""
