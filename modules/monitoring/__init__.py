"""Seeing the platform (R05): alarms, events and the dashboard.

One kind of alarm a file, each as data (`alarm.py`); `alarm_set.py` makes resources of them, `construct.py`
composes.
"""

from modules.monitoring.construct import Monitoring, Side

__all__ = ["Monitoring", "Side"]
