"""The running application: it knows all the other packages and nobody imports it."""
