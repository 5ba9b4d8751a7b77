# frozen_string_literal: true

# What a file says that lanes have to know of: code whose meaning depends on the environment's name (`lane-name`), which is another in each lane, and
# what goes from node to node by PuppetDB, whatever their lanes (`crosses-lanes`). Read off the syntax trees that `syntax.rb` has made: comments, and
# strings without interpolation, are none of it.
module LaneWords
  CODES = %w[lane-name crosses-lanes].freeze
  # Of one file. They are no faults, so that those beyond it are left out and nobody is told.
  MOST = 500
  NAMES = %w[environment ::environment].freeze
  SERVER = %w[server_facts ::server_facts].freeze
  QUERIES = %w[puppetdb_query puppetdb_lookup query_nodes query_facts query_resources query_nodes_all].freeze
  INTERPOLATED = /%\{\s*["']?(?:::)?(?:environment|server_facts\.["']?environment)["']?\s*\}/.freeze

  # A scope that has a variable `environment` of its own means that one.
  Scope = Struct.new(:parent, :own) do
    def own?
      own || parent&.own? || false
    end
  end

  def self.name(line, column, text)
    Finding.warning(line, column, 'lane-name', text)
  end

  def self.crossing(line, column, text)
    Finding.warning(line, column, 'crosses-lanes', text)
  end

  # Of Puppet's own syntax tree. A list and no recursion: a file may be nested deeper than a stack.
  def self.of_model(model)
    found = []
    waiting = [[model, Scope.new(nil, false)]]
    until waiting.empty?
      node, scope = waiting.pop
      scope = Scope.new(scope, parameter?(node)) if scoped?(node)
      scope.own = true if assigned?(node)
      found << [scope, node] if spoken?(node)
      children = []
      node._pcore_contents { |child| children << child }
      waiting.concat(children.reverse.map { |child| [child, scope] })
    end
    found.filter_map { |scope, node| told(scope, node) }
  end

  def self.scoped?(node)
    node.is_a?(Puppet::Pops::Model::NamedDefinition) || node.is_a?(Puppet::Pops::Model::LambdaExpression)
  end

  def self.parameter?(node)
    node.respond_to?(:parameters) && node.parameters.any? { |parameter| parameter.name == 'environment' }
  end

  def self.assigned?(node)
    node.is_a?(Puppet::Pops::Model::AssignmentExpression) && variable(node.left_expr) == 'environment'
  end

  def self.spoken?(node)
    model = Puppet::Pops::Model
    case node
    when model::VariableExpression then NAMES.include?(variable(node))
    when model::AccessExpression then SERVER.include?(variable(node.left_expr)) && literal(node.keys.first) == 'environment'
    when model::CallNamedFunctionExpression then call?(node)
    when model::CallMethodExpression then method?(node)
    when model::ResourceExpression then node.form == 'exported'
    when model::ExportedQuery then true
    else false
    end
  end

  def self.call?(node)
    name = literal(node.functor_expr)&.delete_prefix('::')
    QUERIES.include?(name) || (name == 'getvar' && path?(literal(node.arguments.first)))
  end

  def self.method?(node)
    functor = node.functor_expr
    return false unless functor.is_a?(Puppet::Pops::Model::NamedAccessExpression)

    name = literal(functor.right_expr)
    QUERIES.include?(name) || (SERVER.include?(variable(functor.left_expr)) && node.arguments.any? { |each| literal(each) == 'environment' })
  end

  def self.path?(text)
    NAMES.include?(text) || SERVER.any? { |name| text == "#{name}.environment" }
  end

  def self.variable(node)
    return unless node.is_a?(Puppet::Pops::Model::VariableExpression)

    node.expr.respond_to?(:value) ? node.expr.value.to_s : nil
  end

  def self.literal(node)
    case node
    when Puppet::Pops::Model::LiteralString, Puppet::Pops::Model::QualifiedName then node.value.to_s
    end
  end

  def self.told(scope, node)
    place = [node.line, node.pos]
    case node
    when Puppet::Pops::Model::ResourceExpression then crossing(*place, 'a resource is exported here')
    when Puppet::Pops::Model::ExportedQuery then crossing(*place, 'exported resources are collected here')
    when Puppet::Pops::Model::VariableExpression
      name(*place, "$#{variable(node)} is the lane's name here") unless variable(node) == 'environment' && scope.own?
    when Puppet::Pops::Model::AccessExpression then name(*place, "$#{variable(node.left_expr)}['environment'] is the lane's name here")
    else
      query?(node) ? crossing(*place, 'PuppetDB is asked here') : name(*place, "the lane's name is read here")
    end
  end

  def self.query?(node)
    functor = node.functor_expr
    functor = functor.right_expr if functor.is_a?(Puppet::Pops::Model::NamedAccessExpression)
    QUERIES.include?(literal(functor)&.delete_prefix('::'))
  end

  # ERB, as the Ruby that it is compiled to; the lines are the template's. What stands outside the tags is a string there, and says nothing.
  def self.of_ruby(source, lineno)
    require 'ripper'
    tokens = Ripper.lex(source).reject { |_, kind, _| %i[on_sp on_comment on_ignored_nl on_nl].include?(kind) }
    tokens.each_index.filter_map do |at|
      (line, _), kind, text = tokens[at]
      said = ruby_name(tokens, at, kind, text)
      name(line + lineno - 1, nil, "#{said} is the lane's name here") if said
    end
  end

  def self.ruby_name(tokens, at, kind, text)
    return text if kind == :on_ivar && text == '@environment'
    return "@server_facts['environment']" if kind == :on_ivar && text == '@server_facts' && strings(tokens, at + 1, 4) == ['environment']
    return unless kind == :on_ident && text == 'scope'

    first, second = strings(tokens, at + 1, 10)
    return "scope['#{first}']" if NAMES.include?(first)

    "scope['#{first}']['environment']" if SERVER.include?(first) && second == 'environment'
  end

  # The strings of what follows directly: `['a']['b']`, `.lookupvar('a')`.
  def self.strings(tokens, from, most)
    followed = (tokens[from, most] || []).take_while do |_, kind, text|
      %i[on_lbracket on_rbracket on_tstring_beg on_tstring_content on_tstring_end on_lparen on_rparen on_period].include?(kind) ||
        (kind == :on_ident && %w[lookupvar lookup_variable dig].include?(text))
    end
    followed.filter_map { |_, kind, text| text if kind == :on_tstring_content }
  end

  # Hiera's interpolation, in any scalar of YAML.
  def self.of_yaml(documents)
    found = []
    Yaml.each_node(documents) do |node|
      next unless node.is_a?(Psych::Nodes::Scalar)

      said = node.value[INTERPOLATED]
      found << name(line_of(node, said), nil, "#{said} is the lane's name here") if said
    end
    found
  end

  # In a block whose lines are kept, the very line.
  def self.line_of(node, said)
    return node.start_line + 1 unless node.style == Psych::Nodes::Scalar::LITERAL

    node.start_line + 2 + node.value[0...node.value.index(said)].count("\n")
  end

  def self.of_json(text)
    text.each_line("\n").with_index(1).filter_map do |line, number|
      said = line[INTERPOLATED]
      name(number, (line.index(said) || 0) + 1, "#{said} is the lane's name here") if said
    end
  end
end
