"""The decision: policies and a request in, allowed or denied out. Pure; tests use it as a library."""
