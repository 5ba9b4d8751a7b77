# @summary A disk of a storage node: where it hangs and how large it is.
type Profile::Volume = Struct[{
    device            => Pattern[/\A\/dev\/disk\/by-id\/[\w-]+\z/],
    size_gb           => Integer[1],
    Optional[options] => Array[String[1]],
}]
