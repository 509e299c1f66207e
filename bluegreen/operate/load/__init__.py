"""A bounded load of payments through the local load balancer, and the proof that none is lost, duplicated or
split.
"""
