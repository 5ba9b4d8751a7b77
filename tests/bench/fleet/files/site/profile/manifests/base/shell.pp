# Logins from elsewhere.
class profile::base::shell (
  Integer $tries = 3,
) {
  class { 'ssh':
    storeconfigs_enabled => false,
    server_options       => {
      'PermitRootLogin' => 'no',
      'MaxAuthTries'    => $tries,
      'X11Forwarding'   => 'no',
    },
  }
}
