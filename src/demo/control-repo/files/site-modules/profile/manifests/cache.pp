# @summary A cache in memory beside the service that fills it.
# @param share of the machine's memory, between 0 and 1
# @param package as this operating system calls it
# @param service as this operating system calls it
class profile::cache (
  Float[0.05, 0.9] $share = 0.2,
  String[1]        $package = 'redis-server',
  String[1]        $service = 'redis-server',
) {
  package { $package:
    ensure => installed,
  }

  file { '/etc/redis':
    ensure => directory,
    owner  => 'root',
    group  => 'root',
    mode   => '0755',
  }

  file { '/etc/redis/redis.conf':
    ensure  => file,
    owner   => 'root',
    group   => 'root',
    mode    => '0644',
    content => epp('profile/cache/redis.conf.epp', {
        'memory_mb' => profile::heap_mb($facts['memory']['system']['total_bytes'], $share),
    }),
    notify  => Service[$service],
  }

  profile::kernel_settings { 'cache':
    values => { 'vm.overcommit_memory' => 1 },
  }

  service { $service:
    ensure  => running,
    enable  => true,
    require => Package[$package],
  }
}
