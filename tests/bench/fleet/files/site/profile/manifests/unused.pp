# Nobody includes it.
class profile::unused {
  file { '/etc/unused':
    ensure => file,
  }
}
