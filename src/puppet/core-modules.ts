/**
 * Types that left Puppet with its version 6: cron, mount, host and their kin. The vendor's packages bring them as modules that every environment has
 * (`vendormoduledir`), and Debian's as packages of their own, which a server has in its `basemodulepath`. Of that only these are taken: of other modules
 * nobody knows whether the site's server has them. As globs of Ruby's, of folders that the sandbox has.
 */
export const debianCoreModules = "/usr/share/puppet/modules.available/puppetlabs-{augeas,cron,host,mailalias,mount,selinux,sshkeys}-core";
export const vendoredModules = "{/opt/puppetlabs/puppet,/usr/share/puppet}/vendor_modules/*";
