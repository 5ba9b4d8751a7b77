# A folder that a service writes to.
define platform::volume (
  String[1] $service,
  Stdlib::Absolutepath $path,
  Stdlib::Filemode $mode = '0750',
) {
  file { $path:
    ensure  => directory,
    mode    => $mode,
    require => File["/etc/platform/${service}.conf"],
  }
}
