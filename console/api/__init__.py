"""What every endpoint stands on: who calls, how a request is read, and how it is answered."""
