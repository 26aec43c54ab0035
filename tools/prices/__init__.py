"""Renews the dated prices that a review, a month's costs and the status rest on."""
