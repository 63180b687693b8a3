"""The practice's pages and its JSON API: parse, call one use case, render."""
