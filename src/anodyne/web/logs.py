"""What is logged: where something went wrong, and never what stood in the data."""

import logging
import traceback


class WithoutDetails(logging.Filter):
    """Keeps of an exception its kind and the lines of the program, not its text: that may name a patient."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, without the text of its exception."""
        if record.exc_info:
            kind, _, trace = record.exc_info
            where = " < ".join(
                f"{frame.name} ({frame.filename.rpartition('anodyne/')[2]}:{frame.lineno})"
                for frame in reversed(traceback.extract_tb(trace, -6))
            )
            record.msg = f"{record.getMessage()} · {kind.__name__ if kind else ''} at {where}"
            record.args = ()
            record.exc_info = record.exc_text = None
        return True
