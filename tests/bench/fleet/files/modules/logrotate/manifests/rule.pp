# How one log is rotated.
define logrotate::rule (
  Array[Stdlib::Absolutepath, 1] $paths,
  Integer[1] $keep = 14,
  Enum['daily', 'weekly', 'monthly'] $every = 'daily',
  Optional[String[1]] $postrotate = undef,
) {
  file { "/etc/logrotate.d/${title}":
    ensure  => file,
    mode    => '0644',
    content => template('logrotate/rule.erb'),
  }
}
