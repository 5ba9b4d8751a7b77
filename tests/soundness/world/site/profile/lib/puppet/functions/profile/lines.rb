# The lines of a file of this module.
Puppet::Functions.create_function(:'profile::lines', Puppet::Functions::InternalFunction) do
  dispatch :lines do
    scope_param
    param 'String', :name
    return_type 'String'
  end

  def lines(scope, name)
    folder = scope.environment.module('profile').path
    File.readlines(File.join(folder, 'files', name)).map(&:chomp).join('|')
  end
end
