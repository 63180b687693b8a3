"""Handing files over and fetching them: a folder, or a clearinghouse's SFTP server.

`mailbox` is what both are, `folder` and `sftp` the two carriers, `opened` opens either.
"""
