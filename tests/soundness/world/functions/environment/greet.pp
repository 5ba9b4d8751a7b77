# Says that something is there.
function environment::greet(String $what) {
  notify { "hello ${what}": }
}
