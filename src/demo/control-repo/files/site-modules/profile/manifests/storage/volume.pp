# @summary One disk, mounted by systemd.
# @param device by its lasting name
# @param size_gb what the disk is sold as
# @param options of the mount
define profile::storage::volume (
  String[1]        $device,
  Integer[1]       $size_gb,
  Array[String[1]] $options = ['noatime'],
) {
  file { "/srv/audio/${title}":
    ensure => directory,
    owner  => 'storage',
    group  => 'root',
    mode   => '0755',
  }

  file { "/etc/systemd/system/srv-audio-${title}.mount":
    ensure  => file,
    owner   => 'root',
    group   => 'root',
    mode    => '0644',
    content => epp('profile/storage/mount.epp', {
        'name'    => $title,
        'device'  => $device,
        'options' => $options,
    }),
  }

  service { "srv-audio-${title}.mount":
    ensure    => running,
    enable    => true,
    subscribe => File["/etc/systemd/system/srv-audio-${title}.mount"],
    before    => Service['storage'],
  }
}
