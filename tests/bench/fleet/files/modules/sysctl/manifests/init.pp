# Settings of the kernel.
class sysctl (
  Hash[String[1], Variant[Integer, String[1]]] $values = {},
) {
  exec { 'sysctl: apply':
    command     => '/sbin/sysctl --system',
    refreshonly => true,
  }
  $values.each |$key, $value| {
    sysctl::value { $key:
      value => $value,
    }
  }
}
