"""Tests of what is verified, on partitions that are held in memory."""
