# Nobody includes this.
class profile::unused {
  notify { 'unused': }
}
