# @summary What a person reads who logs in.
# @param contact where to ask
class profile::base::motd (
  String[1] $contact,
) {
  $role = $trusted['extensions']['pp_role'] ? {
    undef   => 'no role',
    default => $trusted['extensions']['pp_role'],
  }
  $datacentre = $trusted['extensions']['pp_datacenter']

  file { '/etc/motd':
    ensure  => file,
    owner   => 'root',
    group   => 'root',
    mode    => '0644',
    content => template('profile/motd.erb'),
  }
}
