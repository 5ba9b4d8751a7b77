# Where Puppet reads variables, so that FactReads learns of it. The language's own accesses are noted by their paths. Ruby that takes the map
# of all facts into its hands may read any of them, and counts so but for the functions known to read one thing.
module Gate
  KNOWN_READS = {
    "fqdn_rand" => [%w[networking fqdn]],
    "os_version_gte" => [%w[os name], %w[os release]],
    "stdlib::os_version_gte" => [%w[os name], %w[os release]]
  }.freeze

  module ScopeReads
    def lookupvar(name, *)
      value = super
    ensure
      # An undefined variable leaves by a throw.
      if (reads = Gate.fact_reads) && name.is_a?(String)
        bare = name.delete_prefix("::")
        reads.variable(bare, value) if bare.include?("::") ? false : name.start_with?("::") || is_topscope?
      end
    end

    def exist?(name)
      bare = name.to_s.delete_prefix("::")
      Gate.fact_reads&.add([bare]) unless bare.include?("::") || bare == "facts"
      super
    end

    def to_hash(*)
      Gate.fact_reads ? Gate.fact_reads.every_variable { super } : super
    end

    def set_facts(hash)
      Gate.fact_reads&.facts = hash
      super
    end
  end
  Puppet::Parser::Scope.prepend(ScopeReads)

  module NodeReads
    attr_accessor :gate_watched

    def facts = gate_note { super }
    def parameters = gate_note { super }

    private

    def gate_note
      Gate.fact_reads&.add(FactReads::WHOLE) if gate_watched
      yield
    end
  end
  Puppet::Node.prepend(NodeReads)

  module CompilerReads
    # From here on nothing of Puppet's asks the node itself for facts.
    def set_node_parameters
      super
      node.gate_watched = true
    end
  end
  Puppet::Parser::Compiler.prepend(CompilerReads)

  module EvaluatorReads
    def eval_VariableExpression(o, scope)
      reads = Gate.fact_reads
      return super unless reads&.left?(o) && o.expr.is_a?(Puppet::Pops::Model::QualifiedName)

      reads.pass_over(o.expr.value.delete_prefix("::")) { super }
    end

    def eval_AccessExpression(o, scope)
      reads = Gate.fact_reads
      return super unless reads

      value = reads.left(o.left_expr) { super }
      reads.use(value) unless reads.left?(o)
      value
    end

    def eval_CallMethodExpression(o, scope)
      functor = o.functor_expr
      return super unless Gate.fact_reads && functor.is_a?(Puppet::Pops::Model::NamedAccessExpression) && gate_digs?(functor.right_expr)

      Gate.fact_reads.left(functor.left_expr) { super }
    end

    def eval_CallNamedFunctionExpression(o, scope)
      return super unless Gate.fact_reads && gate_digs?(o.functor_expr) && o.arguments&.first

      Gate.fact_reads.left(o.arguments.first) { super }
    end

    def call_function(name, args, o, scope, &block)
      reads = Gate.fact_reads
      return super unless reads

      case name
      when "dig" then reads.go_down(args.first, args.drop(1))
      when "get" then gate_get(reads, *args.first(2))
      when "getvar" then return reads.dotted(args.first) { super }
      when "fact", "stdlib::fact"
        reads.dotted("facts.#{args.first}")
        return reads.pass_over("facts") { super }
      when *KNOWN_READS.keys
        KNOWN_READS.fetch(name).each { |path| reads.add(path) }
        return reads.pass_over("facts") { super }
      end
      super
    end

    private

    def gate_digs?(name) = name.is_a?(Puppet::Pops::Model::QualifiedName) && %w[dig get].include?(name.value)

    def gate_get(reads, value, steps)
      return reads.use(value) if steps.to_s.empty? || steps.to_s.match?(/["']/)

      reads.go_down(value, steps.to_s.split("."))
    end
  end
  Puppet::Pops::Evaluator::EvaluatorImpl.prepend(EvaluatorReads)

  module AccessReads
    def access_Hash(o, scope, keys)
      keys.each { |key| Gate.fact_reads.go_down(o, [key], only_passed: keys.one?) } if Gate.fact_reads
      super
    end
  end
  Puppet::Pops::Evaluator::AccessOperator.prepend(AccessReads)

  module TemplateReads
    def result(string = nil)
      reads = Gate.fact_reads
      return super unless reads

      reads.template((string || Puppet::FileSystem.read_preserve_line_endings(@__file__)).dup.force_encoding(Encoding::UTF_8).scrub)
      reads.next_by_text
      super
    end
  end
  Puppet::Parser::TemplateWrapper.prepend(TemplateReads)

  # `%{facts.os.family}` in data and in hiera.yaml. A module that is included already is redefined: Ruby 2.7 sees no prepending to it.
  scope_lookup = Puppet::Pops::Lookup::Interpolation.instance_method(:interpolate_method)
  Puppet::Pops::Lookup::Interpolation.send(:define_method, :interpolate_method) do |kind|
    lookup = scope_lookup.bind_call(self, kind)
    next lookup unless kind == :scope && Gate.fact_reads

    ->(key, invocation, subject) { Gate.fact_reads.dotted(key) { lookup.call(key, invocation, subject) } }
  end

  # A hierarchy is kept from node to node as long as what its paths are made of is the same.
  module HierarchyReads
    def scope_interpolations_stable?(invocation)
      reads = Gate.fact_reads
      return super unless reads

      @scope_interpolations.each { |key, *| reads.dotted(key) }
      Gate.fact_reads = nil
      super
    ensure
      Gate.fact_reads = reads
    end
  end
  Puppet::Pops::Lookup::HieraConfig.prepend(HierarchyReads)
end
