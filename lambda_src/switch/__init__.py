"""The function that moves production traffic between blue and green (R28, R29)."""
