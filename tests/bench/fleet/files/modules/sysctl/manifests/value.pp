# One setting of the kernel, in a file of its own.
define sysctl::value (
  Variant[Integer, String[1]] $value,
  Integer[0, 99] $order = 50,
) {
  $name_of_file = regsubst($title, '[/.]', '-', 'G')
  file { "/etc/sysctl.d/${order}-${name_of_file}.conf":
    ensure  => file,
    mode    => '0644',
    content => "${title} = ${value}\n",
    notify  => Exec['sysctl: apply'],
  }
}
