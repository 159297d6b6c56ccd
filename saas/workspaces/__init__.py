"""The firm's console: clients, billing parties, branding, members, people import, firm settings."""
