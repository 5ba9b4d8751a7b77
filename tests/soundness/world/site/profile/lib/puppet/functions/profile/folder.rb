# The names in a folder of this module.
Puppet::Functions.create_function(:'profile::folder', Puppet::Functions::InternalFunction) do
  dispatch :folder do
    scope_param
    param 'String', :name
  end

  def folder(scope, name)
    Dir.children(File.join(scope.environment.module('profile').path, 'files', name)).sort
  end
end
