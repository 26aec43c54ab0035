"""The tests: a package, because smdebug-rulesconfig, which the SageMaker SDK needs, installs one named tests.

Of two packages with one name the one of this folder is found first; a folder without this file never is.
"""
