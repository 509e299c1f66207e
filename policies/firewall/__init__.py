"""The web application firewall in front of the load balancer."""
