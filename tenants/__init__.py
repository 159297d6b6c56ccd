"""Who a training firm and its client workspaces are, and the promise that each one's data stays its own.

``tenants`` knows *who*; ``saas`` knows *what*. Nothing here imports ``saas``.
"""
