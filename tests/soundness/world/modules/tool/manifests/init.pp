# Watches over things.
class tool (
  String $level = 'none',
  Integer $retries = 1,
) {
  notify { "tool ${level} ${retries}": }
  edge::inner { 'from tool': }
}
