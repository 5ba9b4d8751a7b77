# Where Puppet looks for what has a name: classes and defines, functions, types, node statements.
module Gate
  module ManifestsAsked
    def node(name)
      found = super
      Gate.trace.statement = found.name_is_regex? ? "/#{found.instance_variable_get(:@name).source}/" : found.name if found && Gate.trace
      found
    end

    private

    def find_or_load(name, type)
      trace = Gate.trace
      asked = name.to_s.delete_prefix("::").downcase
      return super if trace.nil? || asked.empty?

      trace.within(:manifests, asked) do
        found = super
        # Known from a file that another name was looked for in: what that file is made of counts here too.
        gate_sources(asked, found).each { |file| trace.note(:sources, file) } if found&.file && !trace.made?(:manifests, asked)
        found
      end
    end

    def gate_sources(name, found)
      init = environment.module(name.split("::").first)&.manifest("init.pp")
      [init, found.file].compact.uniq
    end
  end
  Puppet::Resource::TypeCollection.prepend(ManifestsAsked)

  module ParentsAsked
    # Kept once it is found.
    def parent_type(scope = nil)
      Gate.trace&.note(:manifests, parent.to_s.delete_prefix("::").downcase) if parent && type != :node
      super
    end
  end
  Puppet::Resource::Type.prepend(ParentsAsked)

  # Loaders, the main manifest and its definitions are made by the first compile of a process.
  module Beginnings
    private

    def initvars
      Gate.trace ? Gate.trace.within(:sources, "") { super } : super
    end
  end
  Puppet::Parser::Compiler.prepend(Beginnings)

  module NamesAsked4x
    def load_typed(typed_name)
      trace = Gate.trace
      trace.nil? || trace.given?(self, typed_name) ? super : trace.loading(typed_name) { super }
    end
  end
  Puppet::Pops::Loader::BaseLoader.prepend(NamesAsked4x)

  # A type's own references are resolved after it is loaded.
  module TypesResolved
    def resolve(loader)
      return super if Gate.trace.nil? || (@resolved_type || !@init_hash_expression && !@type_expr) || name.to_s.empty?

      typed_name = Puppet::Pops::Loader::TypedName.new(:type, name)
      Gate.trace.given?(loader, typed_name) ? super : Gate.trace.within(:types, typed_name.name) { super }
    end
  end
  [Puppet::Pops::Types::PTypeAliasType, Puppet::Pops::Types::PObjectType, Puppet::Pops::Types::PTypeSetType].each { |type| type.prepend(TypesResolved) }

  # The types of a function's parameters are made when it is first called, and kept.
  module SignaturesMade
    { type: :@callable, params_struct: :@params_struct, return_type: :@return_type }.each do |name, kept|
      define_method(name) do
        next super() if Gate.trace.nil? || instance_variable_get(kept)

        Gate.trace.within(:functions, closure_name.downcase) { super() }
      end
    end
  end
  Puppet::Pops::Evaluator::Closure::Named.prepend(SignaturesMade)

  module FunctionsAsked3x
    # One of Puppet's own is no input.
    def function(name, *)
      return super unless Gate.trace

      asked = name.to_s.downcase
      found = Gate.trace.making(:functions, asked) { super }
      Gate.trace.note(:functions, asked) if !found || Gate.trace.made?(:functions, asked)
      found
    end

    # Ruby of the tree calls one as a method, `scope.function_name`, of which nothing else is told.
    def newfunction(name, *, **, &block)
      made = super
      file = block&.source_location&.first.to_s
      return made unless Gate.trace&.own?(file)

      asked = name.to_s.downcase
      owner = environment_module(Puppet.lookup(:current_environment))
      method = owner.instance_method("function_#{name}")
      owner.send(:define_method, "function_#{name}") do |*args|
        Gate.trace&.note(:functions, asked)
        method.bind_call(self, *args)
      end
      Gate.trace.within(:functions, asked) do
        Gate.trace.note(:sources, file)
        Impurity.file(asked, file)
      end
      made
    end
  end
  Puppet::Parser::Functions.singleton_class.prepend(FunctionsAsked3x)
end
