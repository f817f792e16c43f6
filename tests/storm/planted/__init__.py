"""Bugs on purpose, one line each: does the storm see them?"""
