# @summary The pages that people open in a browser, behind nginx.
# @param sites by name
# @param worker_connections of one nginx process
class profile::web (
  Hash[String[1], Struct[{ port => Profile::Port, backend => String[1] }]] $sites,
  Integer[512] $worker_connections = 4096,
) {
  package { ['nginx', 'tonearm-web']:
    ensure => installed,
  }

  file { '/etc/nginx/nginx.conf':
    ensure  => file,
    owner   => 'root',
    group   => 'root',
    mode    => '0644',
    content => epp('profile/web/nginx.conf.epp', {
        'workers'     => $facts['processors']['count'],
        'connections' => $worker_connections,
    }),
    require => Package['nginx'],
    notify  => Service['nginx'],
  }

  file { '/etc/nginx/sites-enabled':
    ensure  => directory,
    owner   => 'root',
    group   => 'root',
    mode    => '0755',
    purge   => true,
    recurse => true,
    require => Package['nginx'],
  }

  $sites.each |$name, $site| {
    profile::web::site { $name:
      port    => $site['port'],
      backend => $site['backend'],
    }
  }

  service { 'nginx':
    ensure  => running,
    enable  => true,
    restart => '/usr/sbin/nginx -t && /bin/systemctl reload nginx',
  }
}
