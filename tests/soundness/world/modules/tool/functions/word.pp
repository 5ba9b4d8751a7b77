# A value as one word.
function tool::word($value) >> String {
  $value ? {
    Array   => $value.join(','),
    default => String($value),
  }
}
