"""How resources are joined: arguments that AWS accepts, links within the stack, and nothing idle."""
