"""A face that is given, found in the model: the codes and the noise that make its maps."""
