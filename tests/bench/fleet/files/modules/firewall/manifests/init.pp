# What is let in.
class firewall (
  Hash[String[1], Hash] $rules = {},
) {
  package { 'nftables':
    ensure => installed,
  }
  file { '/etc/nftables.d':
    ensure => directory,
  }
  concat { '/etc/nftables.d/rules.nft':
    mode   => '0640',
    notify => Service['nftables'],
  }
  service { 'nftables':
    ensure => running,
    enable => true,
  }
  $rules.each |$title, $parameters| {
    firewall::rule { $title:
      * => $parameters,
    }
  }
}
