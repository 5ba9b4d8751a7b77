# @summary Kernel settings, one file for each subject.
# @param settings by subject, then by name of the setting
class profile::base::kernel (
  Hash[String[1], Hash[String[1], Variant[Integer, String[1]]]] $settings,
) {
  $settings.each |$subject, $values| {
    profile::kernel_settings { $subject:
      values => $values,
    }
  }

  exec { 'load kernel settings':
    command     => '/sbin/sysctl --system',
    refreshonly => true,
  }
}
