"""Five years of house sales: drift, a silent failure, a better version, and one that is taken back."""
