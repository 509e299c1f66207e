"""A bounded load of payments through the local load balancer, and the proof that none got lost or doubled."""
