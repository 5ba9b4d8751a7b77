# The application, with what it listens on.
class profile::app (
  Integer $port,
  Hash $settings,
) inherits profile::params {
  $text = tool::flat($settings)
  file { '/etc/app.conf':
    content => "port ${port}\n${text}\ncache ${cache}\n",
  }
  pack::install { 'app': version => '1.2' }
  file { '/etc/app/motd.d':
    ensure  => directory,
    recurse => true,
    source  => 'puppet:///modules/profile/motd.d',
  }
  if $facts['role'] == 'app' and profile::big() {
    profile::job { 'compact': hour => 3 }
  }
}
