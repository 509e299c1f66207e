"""A load balancer for the embedded AWS: real HTTP(S) to the targets on this machine, by the live listeners.

It exists to try the product. A process of its own, which the embedded AWS starts and tells about every
change. Each listener has a free port of the loopback address, which stands for its own. Nothing leaves the
machine: a target's address, such as 10.20.48.10:8443, leads to a port here that was registered for it, and
where there is none the target can't be reached.

Like the real one: rules, weights drawn for each request, redirects and fixed responses; TLS with the
listener's certificate, and to targets without verification; health checks with their thresholds, fail-open;
round robin and least outstanding requests; deregistration delay; X-Forwarded-* and X-Amzn-Trace-Id;
streaming; statuses 502, 503 and 504; CloudWatch metrics by load balancer and by target group.

Left out: HTTP/2, WebSocket and gRPC; stickiness, slow start, zones, anomaly mitigation; authentication
(status 501); targets that are functions or instances; listeners' TLS policies, mutual TLS and further
certificates; security groups, WAF, access logs; the checks of headers that fight request smuggling; the
delay with which the real one's many nodes take over a change.
"""
