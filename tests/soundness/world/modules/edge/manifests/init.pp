# What faces the world.
class edge (
  String $listen,
  Integer $timeout,
  String $user,
) {
  file { '/etc/edge.conf':
    content => template('edge/edge.erb', 'edge/tail.erb'),
    owner   => $user,
  }
  file { '/etc/edge.pem': source => 'puppet:///modules/edge/edge.pem' }
  exec { 'reload edge':
    command     => '/usr/bin/true',
    refreshonly => true,
    subscribe   => File['/etc/edge.conf'],
  }
}

define edge::inner ($x = 1) {
  notify { "inner ${title} ${x}": }
}
