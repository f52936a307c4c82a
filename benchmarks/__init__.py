"""How fast is it, beside what else could do the job?  `make bench`; what was measured, and how, is in docs/performance.md."""
