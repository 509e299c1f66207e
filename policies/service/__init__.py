"""What runs the colours: tasks, their containers, their deployments."""
