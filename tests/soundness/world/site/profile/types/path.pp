# Where.
type Profile::Path = Tool::Path
