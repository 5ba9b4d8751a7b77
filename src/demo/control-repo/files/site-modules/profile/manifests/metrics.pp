# @summary The exporter that monitoring reads, and a folder for what services count themselves.
# @param collectors of the node exporter that are on besides its own choice
class profile::metrics (
  Array[String[1]] $collectors = ['systemd', 'textfile'],
) {
  package { 'prometheus-node-exporter':
    ensure => installed,
  }

  file { ['/var/lib/prometheus', '/var/lib/prometheus/textfile']:
    ensure => directory,
    owner  => 'root',
    group  => 'root',
    mode   => '0755',
  }

  file { '/etc/default/prometheus-node-exporter':
    ensure  => file,
    owner   => 'root',
    group   => 'root',
    mode    => '0644',
    content => epp('profile/metrics/node-exporter.epp', { 'collectors' => $collectors }),
    notify  => Service['prometheus-node-exporter'],
  }

  file { '/usr/local/bin/puppet-age':
    ensure => file,
    owner  => 'root',
    group  => 'root',
    mode   => '0755',
    source => 'puppet:///modules/profile/metrics/puppet-age.sh',
  }

  file { '/etc/cron.d/puppet-age':
    ensure  => file,
    owner   => 'root',
    group   => 'root',
    mode    => '0644',
    content => "${fqdn_rand(5)}-59/5 * * * * root /usr/local/bin/puppet-age\n",
  }

  service { 'prometheus-node-exporter':
    ensure  => running,
    enable  => true,
    require => Package['prometheus-node-exporter'],
  }

  profile::allow { 'node exporter':
    port => 9100,
    from => 'trusted',
  }
}
