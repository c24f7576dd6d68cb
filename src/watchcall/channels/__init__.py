"""The means by which people are told: one file or folder each."""
