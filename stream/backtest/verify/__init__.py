"""Is what workers alerted what a replay of the same records says, and where not, why?"""
