# Nobody asks for this.
type Profile::Spare = String[1]
