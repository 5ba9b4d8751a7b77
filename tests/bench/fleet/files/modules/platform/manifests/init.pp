# Very many services.
class platform (
  Hash[String[1], Hash] $services = {},
  Hash[String[1], Hash] $watched = {},
) {
  file { '/etc/platform':
    ensure => directory,
  }
  $services.each |$title, $parameters| {
    platform::service { $title:
      * => $parameters,
    }
  }
}
