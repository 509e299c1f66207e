"""Tags, region, outputs, records: what concerns the stack as a whole."""
