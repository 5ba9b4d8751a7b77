# Installs one thing.
define pack::install (
  String $version,
  String $format = lookup('pack::format'),
) {
  package { $title: ensure => $version }
  file { "/etc/pack/${title}": content => "${format} ${version} ${pack::tag($title)}\n" }
}
