"""Seeing the platform (R05): alarms, events and the dashboard.

One kind of alarm a file, each as data (`alarm.py`); `alarm_set.py` makes resources of them. `colour.py`
composes what one colour owns, which the switch asks before it moves traffic, `construct.py` the rest.
"""

from modules.observability.colour import ColourMonitoring
from modules.observability.construct import Monitoring

__all__ = ["ColourMonitoring", "Monitoring"]
