# How many.
type Profile::Count = Integer[1, 64]
