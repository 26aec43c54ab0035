"""How a right is written: statements, policies, roles, boundary, and the reasons of exceptions."""
