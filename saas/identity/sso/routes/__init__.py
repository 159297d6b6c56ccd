"""Pages of single sign-on: the doors themselves, and the settings of a company or a firm."""
