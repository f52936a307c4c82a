"""Does a policy say what it should, and is one that does not refused?"""
