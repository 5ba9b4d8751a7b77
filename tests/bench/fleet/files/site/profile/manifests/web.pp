# Sites by Apache.
class profile::web (
  Hash[String[1], Hash] $sites = {},
) {
  class { 'apache':
    default_vhost => false,
    mpm_module    => 'event',
  }
  $sites.each |$name, $site| {
    apache::vhost { $name:
      docroot => "/srv/${name}",
      *       => $site,
    }
  }
}
