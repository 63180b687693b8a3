"""The procedure builder: anatomy in, claim out.

`build.build` makes the lines of one session of the facts of its procedures; `describe.families` tells which
facts there are; `lines.frames_of` gives the result as frames that can be judged.  The code never is a higher
one than the facts give: what is not told is asked for.
"""
