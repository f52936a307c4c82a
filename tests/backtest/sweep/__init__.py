"""Is every variant of a policy judged as it would be by itself?"""
