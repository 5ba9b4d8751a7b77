# Pages, one site each.
class profile::web (
  Profile::Count $workers,
  Hash[String, Hash] $sites = {},
) {
  file { '/etc/web.conf':
    content => epp('profile/web.conf.epp', { 'workers' => $workers, 'name' => profile::label('web') }),
  }
  create_resources('profile::site', $sites)
  if defined('profile::extra') {
    include profile::extra
  }
  $banner = find_file('profile/banner.local', 'profile/banner')
  file { '/etc/banner':
    content => file($banner),
  }
}
