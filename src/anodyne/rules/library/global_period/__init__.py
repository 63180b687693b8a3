"""Global periods: what the payment of a procedure covers before and after its day."""
