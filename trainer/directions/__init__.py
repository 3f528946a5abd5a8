"""Directions of a model's w with a meaning: found from captured people, whose factors are known."""
