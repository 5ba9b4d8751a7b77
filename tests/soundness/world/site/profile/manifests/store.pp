# A store in shards.
class profile::store (
  Enum['plain', 'fast'] $engine,
  Profile::Path $path,
  Integer $shards,
) {
  Integer[1, $shards].each |$number| {
    file { "${path}/shard-${number}": ensure => directory }
  }
  file { '/etc/store.conf':
    content => inline_epp('engine <%= $engine %> level <%= $level %>', { 'engine' => $engine, 'level' => tool_level() }),
  }
  @tool::watch { 'store': every => 30 }
  Tool::Watch <| every == 30 |>
  include tool
}
