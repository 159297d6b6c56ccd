"""The demo firm: Equoranda, an invented training firm in Grenoble, its clients, people, sessions, community and invoices."""
