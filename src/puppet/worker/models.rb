require_relative "model"

# What the tree's own types say of a catalog's resources: munged values, identities, and the relations that Puppet adds by itself
# (autorequire and its kin). Resources repeat from node to node, so what a type said of one is kept; where a block looked at the catalog, it
# is kept with what it saw there.
module Gate
  # The catalog, as far as a type may look at it.
  class View
    attr_reader :asked

    def initialize(models)
      @models = models
      watch
    end

    def watch = @asked = {}

    def resource(type, title = nil)
      type, title = type.match(/\A(.+?)\[(.*)\]\z/m)&.captures if title.nil?
      return nil if type.nil?

      found = @models.find(type, title.to_s)
      @asked[[type.to_s, title.to_s]] = found && @models.reference(found) if @asked
      found && @models.instance(found)
    end

    # Whoever looks at all of them has an answer for this catalog alone.
    def resources
      @asked = nil
      @models.instances
    end

    def host_config? = false
  end

  class Models
    KINDS = %w[require subscribe before notify].freeze
    KEPT = 20_000
    @said = {}
    class << self
      attr_reader :said
    end

    def initialize(resources)
      @resources = resources
      @view = View.new(self)
      @models = resources.map.with_index do |resource, index|
        type = resource.resource_type
        next if %w[Class Stage].include?(resource.type) || !type.is_a?(Class) || (resource.exported && resource.virtual)

        Model.new(index, type, resource, @view)
      end
    end

    # {keys, munged: [[resource, attribute, value]], unmunged: [[resource, attribute]], auto: [[earlier, later, refreshes]]}; numbers are places in the list of resources.
    def say
      NoHost.during do
        said = @models.map { |model| model && said_of(model) }
        {
          "keys" => said.map { |each| each && each[:key] },
          "munged" => said.flat_map.with_index { |each, index| (each ? each[:munged] : {}).map { |name, value| [index, name, value] } },
          "unmunged" => said.flat_map.with_index { |each, index| (each ? each[:unmunged] : []).map { |name| [index, name] } },
          "auto" => autos
        }
      end
    end

    def find(type, title)
      type = type.to_s.split("::").map(&:capitalize).join("::")
      names["#{type}[#{type == "File" && title.size > 1 ? title.chomp("/") : title}]"]
    end

    def reference(index) = "#{@resources[index].type}[#{@resources[index].title}]"
    def instance(index) = @models[index]&.instance
    def instances = @models.filter_map { |model| model&.instance }

    private

    def said_of(model)
      resource = @resources[model.index]
      place = [resource.type, resource.title, resource.sensitive_parameters, resource.parameters]
      Models.said.clear if Models.said.size > KEPT
      Models.said[place] ||= { key: key(model, resource), munged: model.munged, unmunged: model.refused, autos: {} }
    end

    def key(model, resource)
      type = model.type
      return nil unless type.respond_to?(:isomorphic?) && type.isomorphic?

      written = model.written
      named = resource.uniqueness_key
      names = resource.key_attributes.sort_by(&:to_s)
      values = names.zip(named).map do |name, value|
        next value unless value.is_a?(String) && name != :provider

        made = written[name] == value ? model.instance[name] : nil
        made.is_a?(String) || made.is_a?(Symbol) ? made : value
      end
      return nil unless values.all? { |value| value.nil? || value.is_a?(String) || value.is_a?(Symbol) || value.is_a?(Numeric) }

      values.map { |value| value && Gate.clean(value.to_s) }
    rescue StandardError, NotImplementedError, LoadError, SystemStackError # a type of the tree whose title patterns fail has no key to tell
      nil
    end

    # Resources by all that a relation may call them.
    def names
      @names ||= begin
        found = {}
        @resources.each_with_index { |resource, index| found["#{resource.type}[#{resource.title}]"] ||= index if @models[index] }
        @models.compact.each do |model|
          resource = @resources[model.index]
          others = [resource[:alias], resource[:name], (said_of(model)[:key] || []).then { |key| key.compact.size == 1 ? key.compact.first : nil }]
          others.flatten.grep(String).each { |name| found["#{resource.type}[#{name}]"] ||= model.index }
        end
        found
      end
    end

    def autos
      there = @resources.map { |resource| resource.type.downcase }.to_set
      @models.compact.flat_map { |model| KINDS.flat_map { |kind| auto(model, kind, there) } }.uniq
    end

    def auto(model, kind, there)
      edges = []
      refreshes = %w[subscribe notify].include?(kind)
      model.type.public_send("eachauto#{kind}") do |type, block|
        next unless there.include?(type.to_s.downcase)

        others(model, [kind, type], block).each do |other|
          earlier, later = %w[require subscribe].include?(kind) ? [other, model.index] : [model.index, other]
          edges << [earlier, later, refreshes]
        end
      end
      edges
    end

    # Places of the resources that a block names.
    def others(model, name, block)
      kept = said_of(model)[:autos][name]
      return kept[:found].filter_map { |type, title| find(type, title) } if kept && same?(kept[:asked])

      @view.watch
      found = Array(model.instance.instance_eval(&block)).compact.map do |each|
        each.is_a?(Puppet::Type) ? @resources[each.instance_variable_get(:@gate_index)].then { |it| [it.type, it.title] } : [name.last.to_s, each.to_s]
      end
      said_of(model)[:autos][name] = { found: found, asked: @view.asked.dup } if @view.asked
      found.filter_map { |type, title| find(type, title) }
    rescue StandardError, NotImplementedError, LoadError, SystemStackError
      []
    end

    def same?(asked) = asked.all? { |(type, title), was| find(type, title).then { |it| it && reference(it) } == was }
  end
end
