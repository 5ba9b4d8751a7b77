export SITE=example
