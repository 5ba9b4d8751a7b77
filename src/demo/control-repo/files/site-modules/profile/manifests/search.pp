# @summary The search service: three machines a datacentre hold one copy of the index.
# @param version of the service
# @param port where it answers
# @param replicas of every part of the index
class profile::search (
  String[1]     $version,
  Profile::Port $port = 9200,
  Integer[1, 3] $replicas = 2,
) {
  profile::jvm_service { 'search':
    port       => $port,
    version    => $version,
    heap_share => 0.5,
    settings   => {
      'replicas' => $replicas,
      'peers'    => profile::peers('search', 3).join(','),
    },
  }

  profile::kernel_settings { 'search':
    values => { 'vm.max_map_count' => 262144 },
  }

  file { '/srv/search/data/synonyms.txt':
    ensure => file,
    owner  => 'search',
    group  => 'search',
    mode   => '0640',
    source => 'puppet:///modules/profile/search/synonyms.txt',
    notify => Service['search'],
  }
}
