# Runs of a real agent, one after the other, of which this process is the server, too: the catalog comes of Puppet's own compiler instead of a
# connection, and reports go to Puppet's own `store`. Only ever started in a sandbox, where /tmp is all that can be written.
require 'puppet'
require 'puppet/configurer'
require 'puppet/indirector/code'

home = '/tmp/home'
environment = File.join(home, 'code/environments/production')
FileUtils.mkdir_p([File.join(environment, 'manifests'), File.join(home, 'public')])
paths = { confdir: 'etc', codedir: 'code', vardir: 'var', rundir: 'run', logdir: 'log', ssldir: 'ssl', publicdir: 'public', reportdir: 'reports' }
Puppet.initialize_settings(paths.flat_map { |name, path| ["--#{name}", File.join(home, path)] } + %w[--certname web01.example.com --reports store])

# The node as a server knows it: in an environment of its own disk.
class Puppet::Node::Served < Puppet::Indirector::Code
  def find(request)
    Puppet::Node.new(request.key, environment: Puppet.lookup(:environments).get!(:production), parameters: { 'clientcert' => request.key })
  end
end
# What the agent says of itself.
class Puppet::Node::Facts::Said < Puppet::Indirector::Code
  def find(request)
    Puppet::Node::Facts.new(request.key, 'clientcert' => request.key, 'path' => '/usr/bin:/bin')
  end

  def save(_request); end
end
Puppet::Node.indirection.terminus_class = :served
Puppet::Node::Facts.indirection.terminus_class = :said
Puppet::Resource::Catalog.indirection.terminus_class = :compiler
Puppet::Resource::Catalog.indirection.cache_class = :json
Puppet::Transaction::Report.indirection.terminus_class = :processor

File.write(File.join(environment, 'environment.conf'), "config_version = #{home}/version\n")
File.write(File.join(home, 'version'), "#!/bin/sh\ncat #{home}/sha\n")
File.chmod(0o755, File.join(home, 'version'))
kept = JSON.parse($stdin.read).to_h do |name, run|
  File.write(File.join(home, 'sha'), run['sha'])
  File.write(File.join(environment, 'manifests/site.pp'), run['manifest'])
  usual = { 'noop' => false, 'usecacheonfailure' => true, 'use_cached_catalog' => false }
  usual.merge(run['settings']).each { |setting, value| Puppet[setting.to_sym] = value }
  Puppet.override(environments: Puppet::Environments::Directories.new(File.join(home, 'code/environments'), [])) do
    Puppet::Configurer.new.run(pluginsync: false)
  end
  stored = Dir[File.join(home, 'reports/*/*.yaml')]
  raise "#{name} stored #{stored.length} reports" unless stored.length == 1
  text = File.read(stored.first)
  File.unlink(stored.first)
  [name, text]
end
puts JSON.generate(kept)
