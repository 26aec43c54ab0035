# A package, because smdebug-rulesconfig, which the SageMaker Python SDK needs, installs one named `tests` too;
# of two packages the one of this folder is found first, a folder without this file never.
