"""Small signs, each on a field of ten by ten, stroked: the kind of a box, and how it is encrypted."""

from types import MappingProxyType

from bluegreen.diagram.model import Kind, Lock

_CYLINDER = "M1 2.5a4 1.6 0 0 1 8 0v5a4 1.6 0 0 1-8 0zM1 2.5a4 1.6 0 0 0 8 0"
_PAGE = "M2 .5h6v9H2zM3.5 3h3M3.5 5h3M3.5 7h2"
GLYPHS = MappingProxyType(
    {
        Kind.CLIENTS: "M5 .5a2 2 0 1 0 .01 0zM1 9.5c0-5 8-5 8 0z",
        Kind.FIREWALL: "M5 .5l4 1.5v3c0 2.5-2 4-4 4.5c-2-.5-4-2-4-4.5V2z",
        Kind.GATEWAY: "M5 .5a4.5 4.5 0 1 0 .01 0zM.5 5h9M5 .5c-3 3-3 6 0 9M5 .5c3 3 3 6 0 9",
        Kind.BALANCER: "M.5 5h3M3.5 5L8 1.5M3.5 5H8M3.5 5L8 8.5M6.5 1.2L8.5 1.2V3M8.5 7v1.8H6.5",
        Kind.SERVICE: "M5 .5l4 2.2v4.600L5 9.5L1 7.300V2.700zM1 2.700l4 2.300l4-2.300M5 5v4.5",
        Kind.FUNCTION: "M1.5 1h2l4 8h1.5M4.5 4L1.5 9",
        Kind.ENDPOINTS: "M.5 5h4M2.5 3L4.5 5L2.5 7M6 1v8M9 1v8M6 1h3M6 9h3",
        Kind.TASKS: "M1 1h3.5v3.5H1zM5.5 1H9v3.5H5.5zM1 5.5h3.5V9H1zM5.5 5.5H9V9H5.5z",
        Kind.CLUSTER: _CYLINDER,
        Kind.TABLE: "M.5 1h9v8h-9zM.5 3.5h9M.5 6.2h9M4 1v8",
        Kind.SECRET: "M1 5h8v4.5H1zM3 5V3a2 2 0 0 1 4 0v2M5 6.5v1.5",
        Kind.RECORDS: _PAGE,
        Kind.WORKFLOW: "M3.5 .5h3v2.5h-3zM.5 7h3v2.5h-3zM6.5 7h3v2.5h-3zM5 3v2M2 7V5h6v2",
        Kind.KEY: "M3 2.5a2.5 2.5 0 1 0 .01 0zM5.5 5h4v2M7.8 5v1.5",
        Kind.BACKUP: "M1 1h8v8H1zM5 3a2 2 0 1 0 .01 0zM5 5V3.8",
        Kind.ALARMS: "M1.5 8h7c-1-1-1-2-1-3.5a2.5 2.5 0 0 0-5 0C2.5 6 2.5 7 1.5 8zM4 8.5a1 1 0 0 0 2 0M5 2V1",
        Kind.TOPIC: "M.5 4v2.5h1.5L7 9V1.5L2 4zM8.5 4v2.5",
        Kind.DASHBOARD: "M.5 1h9v7.5h-9zM2 7V5M4 7V3M6 7V4M8 7V2.5",
        Kind.LOGS: _PAGE,
        Kind.IMAGES: "M1 3h8v6H1zM3 3v6M5 3v6M7 3v6M2.5 3V1h5v2",
        Kind.BUCKET: "M1 2a4 1.2 0 0 1 8 0L8 9H2zM1 2a4 1.2 0 0 0 8 0",
    }
)
_BODY = "M1.5 4.5h7V9.5h-7z"
LOCKS = MappingProxyType(
    {
        Lock.CUSTOMER: _BODY + "M3 4.5V3a2 2 0 0 1 4 0v1.5",  # filled
        Lock.AWS: _BODY + "M3 4.5V3a2 2 0 0 1 4 0v1.5",
        Lock.NONE: _BODY + "M3 4.5V2.5a2 2 0 0 1 3.8-.8",  # open
    }
)
