"""What was recorded, kept for good?  The input topics as Parquet files, and whatever else can be read in their place."""
