# @summary A file of kernel settings that belong together.
# @param values by name of the setting
define profile::kernel_settings (
  Hash[String[1], Variant[Integer, String[1]]] $values,
) {
  $lines = $values.map |$setting, $value| { "${setting} = ${value}\n" }

  file { "/etc/sysctl.d/60-${title}.conf":
    ensure  => file,
    owner   => 'root',
    group   => 'root',
    mode    => '0644',
    content => $lines.join(''),
    notify  => Exec['load kernel settings'],
  }
}
