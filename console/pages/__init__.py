"""The public pages of codes, and the pictures on them."""
