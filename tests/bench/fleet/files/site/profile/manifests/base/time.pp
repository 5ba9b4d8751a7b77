# The time.
class profile::base::time (
  Array[Stdlib::Host, 1] $servers,
) {
  class { 'ntp':
    servers => $servers,
  }
}
