"""Two MariaDB servers on this machine, one a colour: what stands for the Aurora clusters.

`programs` finds the server's programs, `certificates` makes an authority for TLS, `server` runs one server,
`pair` configures two that replicate to each other.
"""
