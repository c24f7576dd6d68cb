"""Setting up: questions, what is found on this machine, and the files that come of it.

`steps` knows which question comes next, `reading` what an answer means, `words` how it is said in
each language; `conversation` puts them to a `terminal`. `discovery` looks around, `document` writes
the text of the configuration, `files` brings it onto the disk.
"""
