# A resource as its type takes it, without the node: a bare instance of the tree's own type with its attributes munged one by one. Nothing
# is validated, no provider is chosen or asked, and what would look at the host (a command, a fact) counts as a failure. A munge that
# fails gives nothing: its attribute is compared as it is written, and named in `refused`.
module Gate
  class HostAsked < StandardError; end

  # While a model is at work, what would ask the host fails instead.
  module NoHost
    def self.during
      # Facter is there once somebody needed it.
      ::Facter.singleton_class.prepend(NoFacts) if defined?(::Facter)
      before = Thread.current[:gate_model]
      Thread.current[:gate_model] = true
      yield
    ensure
      Thread.current[:gate_model] = before
    end

    %i[execute execpipe].each do |name|
      define_method(name) { |*args, **options, &block| Thread.current[:gate_model] ? raise(HostAsked) : super(*args, **options, &block) }
    end
  end
  Puppet::Util::Execution.singleton_class.prepend(NoHost)

  module NoFacts
    %i[value fact [] to_hash].each do |name|
      define_method(name) { |*args| Thread.current[:gate_model] ? raise(HostAsked) : super(*args) }
    end
  end

  # Type#[] looks here, and finds each attribute when it is first asked for.
  class Attributes < Hash
    def initialize(model)
      super() { |hash, name| hash[name] = nil; hash[name] = model.build(name) }
    end
  end

  class Model
    LONGEST = 4096
    # Relations, what no type munges without a provider, and what is long and compared as it is.
    LEFT_OUT = %i[before require notify subscribe tag alias provider content].freeze

    # Nil where an attribute has a value of its own kind (Sensitive, Deferred, Binary), which no munge may see.
    def self.plain(value, depth = 0)
      case value
      when String then value.size > LONGEST ? nil : value.dup
      when Integer, Float, true, false, Symbol then value
      when Array then value.size > 100 || depth > 8 ? nil : value.map { |each| plain(each, depth + 1).then { |it| it.nil? ? (return nil) : it } }
      when Hash then depth > 8 ? nil : value.to_h { |name, each| [name.dup, plain(each, depth + 1).then { |it| it.nil? ? (return nil) : it }] }
      end
    end

    # As JSON has it; throws :none for what it has no word for.
    def self.data(value)
      case value
      when Symbol then value.to_s
      when String then value
      when Integer, Float, true, false then value
      when Array then value.map { |each| data(each) }.then { |list| list.size == 1 ? list.first : list }
      when Hash then value.to_h { |name, each| [name.to_s, data(each)] }
      else throw :none
      end
    end

    # What two values have in common that differ in nothing but whether a number, a boolean or its text was written.
    def self.text(value)
      case value
      when Array then value.map { |each| text(each) }
      when Hash then value.transform_values { |each| text(each) }
      else value.to_s
      end
    end

    # Whether a kind of attribute does anything to its values. Most don't.
    def self.munges?(attribute)
      @munges ||= {}.compare_by_identity
      return @munges[attribute] if @munges.key?(attribute)

      trivial = %i[munge unsafe_munge].all? { |name| [Puppet::Parameter, Puppet::Property].include?(attribute.instance_method(name).owner) }
      @munges[attribute] = !(trivial && attribute.value_collection.empty?)
    end

    attr_reader :index, :type, :refused

    def initialize(index, type, resource, view)
      @index = index
      @type = type
      @resource = resource
      @view = view
      @refused = []
    end

    # The bare instance. Its blocks may ask it for attributes, its names and its catalog.
    def instance
      @instance ||= @type.allocate.tap do |instance|
        @attributes = Attributes.new(self)
        { parameters: @attributes, title: @resource.title, catalog: @view, original_parameters: written, tags: nil, gate_index: @index }
          .each { |name, value| instance.instance_variable_set("@#{name}", value) }
      end
    end

    # The attributes as they are written, with those that the title says.
    def written
      @written ||= begin
        named = begin
          @resource.to_hash
        rescue StandardError # title patterns of the tree's own that fail
          @resource.parameters
        end
        hidden = @resource.sensitive_parameters || []
        named.reject { |name, _| hidden.include?(name) }
      end
    end

    # An attribute of the instance, or nil where the resource does not say it and the type has no default.
    def build(name)
      attribute = @type.attrclass(name) or return nil
      value = written.key?(name) ? Model.plain(written[name]) : nil
      return default(attribute) if value.nil?

      made = attribute.new(resource: instance)
      munged = munge(made, value)
      if made.is_a?(Puppet::Property)
        made.instance_variable_set(:@should, Array(munged.nil? ? value : munged))
      else
        made.instance_variable_set(:@value, munged.nil? ? value : munged)
      end
      made
    end

    # Names and munged values of the attributes that the type takes for something else than what is written.
    def munged
      found = {}
      written.each_key do |name|
        next if LEFT_OUT.include?(name)

        value = change(name)
        found[name.to_s] = value unless value.nil?
      end
      found
    end

    private

    def change(name)
      attribute = @type.attrclass(name)
      return nil unless attribute && Model.munges?(attribute) && !Model.plain(written[name]).nil?

      made = instance.instance_variable_get(:@parameters)[name] or return nil
      value = made.is_a?(Puppet::Property) ? made.instance_variable_get(:@should) : made.instance_variable_get(:@value)
      catch(:none) do
        munged = Model.data(value)
        return Model.text(munged) == Model.text(Model.data(written[name])) ? nil : munged
      end
      refuse(name)
    rescue StandardError, NotImplementedError, LoadError, SystemStackError
      refuse(name)
    end

    # Nil where it fails.
    def munge(made, value)
      return nil unless Model.munges?(made.class)

      made.is_a?(Puppet::Property) ? Array(value).map { |each| made.munge(each) } : made.munge(value)
    rescue StandardError, NotImplementedError, LoadError, SystemStackError
      refuse(made.class.name)
    end

    def refuse(name)
      @refused |= [name.to_s] if written.key?(name)
      nil
    end

    def default(attribute)
      return nil unless attribute.method_defined?(:default)

      made = attribute.new(resource: instance)
      value = made.default
      return nil if value.nil?

      made.is_a?(Puppet::Property) ? made.instance_variable_set(:@should, [value]) : made.instance_variable_set(:@value, value)
      made
    rescue StandardError, NotImplementedError, LoadError, SystemStackError
      nil
    end
  end
end
