# @summary Answers for our own names.
# @param zones that we serve; each has a file in this module
# @param forwarders for every other name
class profile::dns (
  Array[String[1]] $zones,
  Array[String[1]] $forwarders,
) {
  package { ['bind9', 'bind9-dnsutils']:
    ensure => installed,
  }

  file { ['/etc/bind', '/etc/bind/zones']:
    ensure  => directory,
    owner   => 'root',
    group   => 'bind',
    mode    => '0755',
    require => Package['bind9'],
  }

  file { '/etc/bind/named.conf':
    ensure  => file,
    owner   => 'root',
    group   => 'bind',
    mode    => '0644',
    content => epp('profile/dns/named.conf.epp', { 'zones' => $zones, 'forwarders' => $forwarders }),
    notify  => Service['named'],
  }

  $zones.each |$zone| {
    file { "/etc/bind/zones/${zone}":
      ensure => file,
      owner  => 'root',
      group  => 'bind',
      mode   => '0644',
      source => "puppet:///modules/profile/dns/${zone}",
      notify => Service['named'],
    }
  }

  service { 'named':
    ensure => running,
    enable => true,
  }

  ['tcp', 'udp'].each |$protocol| {
    profile::allow { "dns over ${protocol}":
      port     => 53,
      protocol => $protocol,
    }
  }
}
