"""What the verbs do on a running deployment: call the switch function, start and follow shifts."""
