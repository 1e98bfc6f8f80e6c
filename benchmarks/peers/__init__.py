"""
The same pages, read as the users of other libraries write it.

A file is what one user writes, and no more: `read`, which reads the list once. `child.py` runs it in a process of its
own, and `question.py` lets those processes take turns. What to install, and where, stands in `README.md`.
"""
