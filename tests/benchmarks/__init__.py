"""Do the benchmarks run, and do their documents say what was measured?"""
