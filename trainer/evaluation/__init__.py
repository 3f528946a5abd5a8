"""A model beside a store: all of ``trainer.metrics`` in one run, as figures, JSON and a page."""
