"""Map files as others make them: which file is which map, what is in it, and in which convention."""
