# Of every node.
class base (
  Array[String] $packages,
  String $motd,
  String $resolver,
  Array[String] $ntp,
  Optional[String] $banner = undef,
) {
  package { $packages: ensure => present }
  file { '/etc/motd': content => "${motd}\n" }
  file { '/etc/resolv.conf': content => "nameserver ${resolver}\n" }
  file { '/etc/ntp.conf': content => $ntp.map |$each| { "server ${each}" }.join("\n") }
  if $banner {
    file { '/etc/issue': content => $banner }
  }
  contain base::users
}
