"""Processes beside the embedded AWS: its load balancer, and a service of each colour.

The embedded AWS starts them when `local up` asks for them. Each holds the end of a pipe whose other end is
the embedded AWS, and exits when that is closed: whichever way the embedded AWS ends, they end with it.
"""
