"""What did every order bring to the windows, and when?  The first pass over a recording, which no change of a rule repeats."""
