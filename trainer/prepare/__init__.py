"""Scans into a store: find the maps by name, find out their conventions, align, mask, complete, write (``run``)."""
