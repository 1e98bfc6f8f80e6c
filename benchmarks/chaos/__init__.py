"""
Many processes, few tokens, and everything that can happen to either: what coordination promises, counted by the vendor.

`__main__.py` says how it is run; `storm.py` is the run with kills, stops and cuts.
"""
