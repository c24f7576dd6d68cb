"""A night that is tried beforehand: the real engine and pager on a clock that does not wait."""
