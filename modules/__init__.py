"""What is built: one construct a file, composed by `stack.py` from the typed configuration of `config/`."""
