"""Lives a model's life in a real or embedded account, and tells what differs from the rehearsal."""
