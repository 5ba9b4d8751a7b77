# A hash as lines.
function tool::flat(Hash $hash) >> String {
  $hash.map |$key, $value| { "${key}=${tool::word($value)}" }.join("\n")
}
