"""The pages, one module a subject; each has the `urlpatterns` of its own."""
