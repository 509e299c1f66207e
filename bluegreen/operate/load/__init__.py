"""A bounded load of payments through the local load balancer; none may get lost or duplicated."""
