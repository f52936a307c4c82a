"""Is the verdict timeline what the engine would place, however it is made, and found again when nothing has changed?"""
