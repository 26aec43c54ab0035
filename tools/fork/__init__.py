"""Turns the template into the fork of an organisation, and brings what the template has learnt since."""
