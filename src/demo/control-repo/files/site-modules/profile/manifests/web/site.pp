# Written before anybody ran a linter here; see the board for who will tidy it.
define profile::web::site (
  Profile::Port $port,
  String[1] $backend,
) {
  file { "/etc/nginx/sites-enabled/${title}":
    ensure => file,
    mode => '0644',
    owner => "root",
    group => "root",
    content => epp('profile/web/site.epp', {
        'name'    => $title,
        'port'    => $port,
        'backend' => $backend,
    }),
    notify => Service['nginx'],
  }

  profile::allow { "site ${title}":
    port => $port,
  }
}
