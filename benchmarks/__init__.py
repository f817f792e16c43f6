"""Measurements side by side: each package here is one, found by `manage.py bench`.

A benchmark carries its baseline with it and quotes ratios taken inside one run; it is no
test of time, but fails when either side loses or doubles something.
"""
