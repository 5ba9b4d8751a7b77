# What nearly every compile needs of Puppet itself, loaded before the tree is known: its own types, which are a third of a first compile. They
# are put aside until this tree's environment asks for one, and what Puppet does when it loads a type then follows: it loads the providers
# that the tree brings for it.
module Gate
  module Preload
    NAMES = %i[exec file filebucket group notify package resources schedule service stage tidy user].freeze
    @aside = {}

    class << self
      attr_reader :aside

      def load
        types = Puppet::Type.instance_variable_get(:@types)
        before = types.keys
        none = Puppet::Node::Environment.create(:preload, [])
        Puppet.override(current_environment: none, environments: Puppet::Environments::Static.new(none)) do
          NAMES.each { |name| Puppet::Type.type(name) }
        end
        (types.keys - before).each { |name| types.delete(name).then { |type| @aside[name] = type if type } }
      end

      # A tree that brings one of these types itself needs a process that has not loaded Puppet's: parts of it would stay.
      def fits?(modulepath)
        @aside.empty? || modulepath.none? { |folder| Dir.glob("*/lib/puppet/type/{#{@aside.keys.join(",")}}{.rb,/*.rb}", base: folder).any? }
      end

      # As Puppet::MetaType::Manager#newtype goes on once it has made the class.
      def bring_back(name, type, environment)
        Puppet::Type.instance_variable_get(:@types)[name] = type
        type.providerloader.loadall(environment)
        type.providify unless type.providers.empty?
        Puppet::Pops::Loaders.register_runtime3_type(name, nil)
        true
      rescue StandardError, ScriptError => e
        raise Puppet::Error, "Could not autoload puppet/type/#{name}: #{e}", e.backtrace
      end
    end

    module Types
      def load(name, environment)
        type = path == "puppet/type" && Preload.aside.delete(name.to_sym)
        type ? Preload.bring_back(name.to_sym, type, environment) : super
      end

      def loadall(environment)
        Preload.aside.keys.each { |name| load(name, environment) } if path == "puppet/type"
        super
      end
    end
    Puppet::Util::Autoload.prepend(Types)
  end
end
