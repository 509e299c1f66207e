"""What AWS refuses before a service does anything: names and limits, rates, and what is not visible yet.

`names.py` holds always. `rates.py` and `conditions.py` hold from `set_conditions` on, by a seed.
"""
