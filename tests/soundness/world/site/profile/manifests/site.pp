# One site of a web server.
define profile::site (
  Profile::Path $docroot,
  Array[String] $aliases = [],
) {
  file { $docroot: ensure => directory }
  file { "/etc/web/${title}.conf":
    content => template('profile/site.erb'),
    notify  => Service['web'],
  }
  unless defined(Service['web']) {
    service { 'web': ensure => running }
  }
}
