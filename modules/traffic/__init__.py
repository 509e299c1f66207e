"""The load balancer and the web application firewall in front of it."""
