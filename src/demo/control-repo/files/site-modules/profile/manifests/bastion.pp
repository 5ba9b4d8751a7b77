# @summary Where operators come in; nothing else runs here.
class profile::bastion {
  package { ['tmux', 'mosh', 'pssh']:
    ensure => installed,
  }

  profile::allow { 'mosh':
    port     => 60001,
    protocol => 'udp',
  }

  file { '/etc/ssh/sshrc':
    ensure  => file,
    owner   => 'root',
    group   => 'root',
    mode    => '0644',
    content => "logger -t bastion \"\$USER came in from \${SSH_CONNECTION%% *}\"\n",
  }
}
