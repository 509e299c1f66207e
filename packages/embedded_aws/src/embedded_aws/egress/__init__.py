"""What the tasks of the services reach outside the VPC, on a machine without a VPC.

Processes of a machine can't be filtered without root. So each service gets the address of a proxy
(`proxy.py`), as HTTPS_PROXY, and has no other way out: for each connection it asks how the packets would
travel (`network.py`: name, route, security group, firewall) and carries it to what stands for the
destination on this machine (`stand_ins.py`), or lets it fail as the network would. Nothing leaves loopback.
"""
