# @summary Everything about a song but its sound.
# @param version of the service
# @param database_host where the tables are
# @param database_password of the account `metadata`
# @param port where it answers
class profile::metadata (
  String[1]            $version,
  String[1]            $database_host,
  Sensitive[String[1]] $database_password,
  Profile::Port        $port = 8080,
) {
  profile::jvm_service { 'metadata':
    port       => $port,
    version    => $version,
    heap_share => 0.4,
    settings   => {
      'database' => "postgresql://metadata@${database_host}/metadata",
      'peers'    => profile::peers('metadata', 3).join(','),
    },
  }

  file { '/etc/metadata/database.password':
    ensure  => file,
    owner   => 'metadata',
    group   => 'metadata',
    mode    => '0400',
    content => Sensitive("${database_password.unwrap}\n"),
    notify  => Service['metadata'],
  }
}
