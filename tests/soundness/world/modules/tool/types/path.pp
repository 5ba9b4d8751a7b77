# An absolute path.
type Tool::Path = Pattern[/\A\/\w+/]
