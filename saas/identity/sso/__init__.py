"""Single sign-on: a company's own identity provider opens that company's space, or a firm's opens the firm, and nothing else."""
