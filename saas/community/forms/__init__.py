"""The shape of what people write and plan in the community."""
