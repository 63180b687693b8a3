"""Add-on codes and the services they add to."""
