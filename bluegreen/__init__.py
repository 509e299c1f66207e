"""The operator's tool of the blue-green payment platform."""
