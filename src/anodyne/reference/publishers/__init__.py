"""Publishers' files, as downloaded: one module for each kind of file that `anodyne reference load` reads.

To add one, write `publishers/<file>.py` with a `FILE: PublishedFile` (see `reference/published.py`); it is
found by looking, and every module here must have one.  It needs

* a table in `reference/shapes.py` EDITIONS for what it makes: key columns, values, and `dated_rows=True`
  where the file gives each row its own first and last day (the frame then has `from` and `until`, either may
  be null; `until` is the first day that no longer counts, so a publisher's *last* day needs one added);
* a source in `data/sources.toml`: the publisher's page for this file, not one edition of it;
* `recognise(given)`: what is *in* the file decides.  Return `Known(start, part, period)`, or
  `Mistaken("the MUE table for durable medical equipment", "Give the table for practitioner services.")` for
  a relative that people download by mistake, or None.  `start` comes from the content, failing that from the
  name (`given.name`; inside a zip that of the file inside); where neither tells it, None, and the command
  asks for `--start`.  It is asked of every file of a zip: it must be quick and must not fail on any bytes.
  `part` is which of `FILE.parts` a file holds; two files of one part and period must say the same;
* `read(given)`: the frames by table, every value checked.  `reference/grid.py` finds headers, numbers rows as
  a person counts them and raises the error for a bad value; `given.rows()` are the cells of text or of a
  workbook, `given.contents()` the bytes.  Licensed descriptions stay in the publisher's file: read codes,
  dates, numbers and indicators only.

What the frame does for all of them: opens zips (never to disk, with limits), tries every file inside against
every module, prefers text to a workbook of the same name, joins parts, refuses a table whose key has two rows
in force on one day, writes the edition as a whole or not at all, and records publisher, period, rows and
checksums.  Tests: `tests/reference/` has a file of made-up rows in the publisher's layout for each module.
"""
