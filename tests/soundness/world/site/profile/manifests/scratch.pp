# Odds and ends of one node.
class profile::scratch {
  $lines = profile::lines('notes.txt')
  file { '/etc/notes': content => "${lines}\n" }
  $plan = profile::folder('motd.d')
  file { '/etc/plan': content => $plan.join("\n") }
  notify { "x ${tool::double(2)}": }
  gauge { 'scratch': level => 3 }
}
