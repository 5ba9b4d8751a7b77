# @summary Sends every log line to the datacentre's collector, and keeps a few days here.
# @param collector host and port
# @param keep_days how long lines stay on the machine
class profile::logging (
  String[1]      $collector,
  Integer[1, 90] $keep_days = 7,
) {
  package { ['rsyslog', 'logrotate']:
    ensure => installed,
  }

  file { '/etc/rsyslog.d':
    ensure  => directory,
    owner   => 'root',
    group   => 'root',
    mode    => '0755',
    purge   => true,
    recurse => true,
    require => Package['rsyslog'],
  }

  file { '/etc/rsyslog.d/10-forward.conf':
    ensure  => file,
    owner   => 'root',
    group   => 'root',
    mode    => '0644',
    content => epp('profile/logging/forward.epp', { 'collector' => $collector }),
    notify  => Service['rsyslog'],
  }

  file { '/etc/logrotate.d/tonearm':
    ensure  => file,
    owner   => 'root',
    group   => 'root',
    mode    => '0644',
    content => epp('profile/logging/logrotate.epp', { 'keep_days' => $keep_days }),
    require => Package['logrotate'],
  }

  service { 'rsyslog':
    ensure => running,
    enable => true,
  }
}
