"""What people do in a practice: each a function that runs in a transaction of that practice.

Callers open the transaction (`store.scope.within`): a page, a job and the API each once for what they do.
"""
