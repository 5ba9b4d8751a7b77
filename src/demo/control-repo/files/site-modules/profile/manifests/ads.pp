# @summary Chooses what is heard between two songs.
# @param version of the service
# @param partner_token for the exchange that sells the places
# @param port where it answers
# @param most_per_hour how many a person hears
class profile::ads (
  String[1]            $version,
  Sensitive[String[1]] $partner_token,
  Profile::Port        $port = 8090,
  Integer[0, 12]       $most_per_hour = 4,
) {
  profile::jvm_service { 'ads':
    port       => $port,
    version    => $version,
    heap_share => 0.3,
    settings   => {
      'most-per-hour' => $most_per_hour,
      'token-file'    => '/etc/ads/partner.token',
    },
  }

  file { '/etc/ads/partner.token':
    ensure  => file,
    owner   => 'ads',
    group   => 'ads',
    mode    => '0400',
    content => $partner_token,
    notify  => Service['ads'],
  }
}
