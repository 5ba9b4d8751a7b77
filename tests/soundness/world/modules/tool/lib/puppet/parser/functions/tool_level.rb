# The level that the data says, in the old way of functions.
module Puppet::Parser::Functions
  newfunction(:tool_level, type: :rvalue) do |_args|
    call_function('lookup', ['tool::level']).upcase
  end
end
