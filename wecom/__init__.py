"""The platform and nothing about our business: crypto, events, client, limits, errors."""
