# Puppet as a server has it, over one environment whose parts were decided outside: environment.conf is not read here, and what it
# calls config_version is never run.
module Gate
  # What Puppet asks of an environment's configuration. `path_to_env` is where the environment's own hiera.yaml is looked for:
  # Puppet::Environments::Static says nil there, and the environment's data would silently be left out. It is one of Puppet's own kind, since the
  # loaders give an environment its own functions and types (`environment::…`) only then.
  class Configuration < Puppet::Settings::EnvironmentConf
    attr_reader :path_to_env, :manifest, :modulepath

    def initialize(path_to_env, manifest, modulepath)
      @path_to_env = path_to_env
      @manifest = manifest
      @modulepath = modulepath
    end

    def config_version = nil
    def environment_timeout = Float::INFINITY
    def environment_data_provider = nil
    def static_catalogs = false
    def rich_data = true
    def raw_setting(_name) = nil
  end

  # The one environment there is.
  class OneEnvironment < Puppet::Environments::Static
    def initialize(environment, configuration)
      super(environment)
      @configuration = configuration
    end

    def get_conf(name)
      @configuration if get(name)
    end
  end

  # Puppet itself, before anything is known of the tree.
  def self.settings
    # Certname, diff_args and the folders are set so that Facter is never asked, and so that $settings:: says the same everywhere.
    fixed = {
      confdir: "/etc/puppetlabs/puppet", codedir: "/etc/puppetlabs/code", environmentpath: "/etc/puppetlabs/code/environments",
      vardir: "/tmp/puppet", rundir: "/tmp/puppet/run", logdir: "/tmp/puppet/log",
      certname: "puppet", server: "puppet", diff_args: "-u"
    }
    Puppet.initialize_settings(fixed.map { |name, value| "--#{name}=#{value}" }, false)
    # As Puppet does with those of `vendormoduledir`: behind all modules of the environment.
    $LOAD_PATH.concat(Dir["#{File.read("/gate/core-modules")}/lib"].sort)
    # Messages of Puppet's own go nowhere: an error comes as an exception, and warnings are not part of a catalog.
    Puppet::Util::Log.level = :emerg
    Puppet::Util::Log.newdestination(:console)
    collect_exports
  end

  # The tree's environment. Whatever a tree holds can fail here, which is the tree's fault and no reason not to start.
  def self.environment(settings)
    modulepath = settings.fetch("modulepath")
    environment = Puppet::Node::Environment.create(settings.fetch("name").to_sym, modulepath, settings.fetch("manifest"))
    configuration = Configuration.new(settings.fetch("root"), settings.fetch("manifest"), modulepath.join(":"))
    Puppet.push_context({ environments: OneEnvironment.new(environment, configuration), current_environment: environment, rich_data: true })
    # As Puppet's command does, so that `require "puppet_x/…"` finds what modules bring.
    environment.each_plugin_directory { |folder| $LOAD_PATH << folder }
    environment
  end
end
