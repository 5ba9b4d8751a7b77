require "digest"

module Gate
  # What manifests define, parsed and not evaluated: for each file [[kind, name, digest]] in its order, or nil where it does not parse.
  # A digest is of the syntax tree without places, and so without comments and white space: the same, the same effect.
  module Definitions
    Model = Puppet::Pops::Model
    # What a part of the tree has besides its meaning.
    PLACES = %i[@locator @offset @length @hash].freeze
    KINDS = {
      Model::PlanDefinition => "plan", Model::FunctionDefinition => "function", Model::HostClassDefinition => "class",
      Model::ResourceTypeDefinition => "define", Model::TypeAlias => "type", Model::TypeDefinition => "type"
    }.freeze

    class << self
      def of(path)
        return nil unless File.lstat(path).file?

        program = Puppet::Pops::Parser::EvaluatingParser.new.parse_file(path)
        body = program.body
        statements = body.is_a?(Model::BlockExpression) ? body.statements : [body].compact
        program.definitions.flat_map { |definition| rows(definition) } + statements.grep_v(Model::Definition).map { |each| ["other", "", digest(each)] }
      rescue StandardError, SystemStackError
        nil
      end

      private

      def rows(definition)
        return definition.host_matches.map { |match| ["node", match(match), digest([definition.parent, definition.body])] } if definition.is_a?(Model::NodeDefinition)

        kind = KINDS.find { |type, _| definition.is_a?(type) }&.last
        [kind ? [kind, definition.name, digest(definition)] : ["other", "", digest(definition)]]
      end

      def match(match)
        case match
        when Model::LiteralDefault then "default"
        when Model::LiteralString then match.value
        when Model::LiteralRegularExpression then "/#{match.value.is_a?(Regexp) ? match.value.source : match.value}/"
        else raise ArgumentError, "a node statement of an unknown kind"
        end
      end

      def digest(value)
        text = +"".b
        write(value, text)
        Digest::SHA256.hexdigest(text)
      end

      # Each value begins with its kind and its size, so that no two trees have one text.
      def write(value, text)
        case value
        when Model::PopsObject
          names = value.instance_variables - PLACES
          text << "o#{value.class.name} #{names.size}:"
          names.each { |name| write(name, text) && write(value.instance_variable_get(name), text) }
        when Array
          text << "a#{value.size}:"
          value.each { |each| write(each, text) }
        when String, Symbol then text << "#{value.is_a?(String) ? "s" : "y"}#{value.to_s.bytesize}:" << value.to_s.b
        when Regexp then text << "r#{value.options} #{value.source.bytesize}:" << value.source.b
        when Integer, Float, true, false, nil then text << "#{value.class.name} #{value};"
        else raise ArgumentError, "a syntax tree with #{value.class}"
        end
        true
      end
    end
  end
end
