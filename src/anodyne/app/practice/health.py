"""Whether the program can do its work."""

from django.db import DatabaseError, connection


def database_answers() -> bool:
    """Whether the database answers a question."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            answer = cursor.fetchone()
        return tuple(answer) == (1,)
    except DatabaseError:
        return False
