# @summary The packet filter: everything is refused that no profile allows.
# @param trusted_networks from where operators and monitoring come
class profile::firewall (
  Array[String[1]] $trusted_networks,
) {
  package { 'nftables':
    ensure => installed,
  }

  concat { '/etc/nftables.conf':
    owner  => 'root',
    group  => 'root',
    mode   => '0600',
    notify => Service['nftables'],
  }

  concat::fragment { 'firewall: head':
    target  => '/etc/nftables.conf',
    order   => '00',
    content => epp('profile/firewall/head.epp', { 'trusted_networks' => $trusted_networks }),
  }

  concat::fragment { 'firewall: tail':
    target => '/etc/nftables.conf',
    order  => '99',
    source => 'puppet:///modules/profile/firewall/tail.nft',
  }

  service { 'nftables':
    ensure  => running,
    enable  => true,
    require => Package['nftables'],
  }

  profile::allow { 'ssh':
    port => 22,
    from => 'trusted',
  }
}
