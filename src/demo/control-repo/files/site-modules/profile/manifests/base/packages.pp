# @summary The tools that an operator expects to find.
# @param wanted names of packages, the same on every operating system
# @param of_this_system those that are called differently here
# @param unwanted what an image brings and nobody uses
class profile::base::packages (
  Array[String[1]] $wanted,
  Array[String[1]] $of_this_system,
  Array[String[1]] $unwanted = [],
) {
  $everything = $wanted + $of_this_system

  package { $everything:
    ensure => installed,
  }

  package { $unwanted:
    ensure => absent,
  }
}
