# Puppet marks a file as loaded once it is parsed, and adds the classes of a request's files only after all of them are. A module's
# init.pp is loaded with any of its classes: a syntax error in one of them lost the module's main class for every later node ("Could
# not find declared class"). Here a file whose classes did not become known is not loaded.
module Gate
  module LoadedWhenKnown
    private

    def load_files(modname, files)
      @loaded ||= {}
      waiting = files.reject { |file| @loaded[file] }
      files.each { |file| Gate.trace&.note(:sources, file) }
      parsed = waiting.map { |file| Gate.making(file) { parse_file(file) } }
      # Marked before their classes are known: to add a class is to look up the types of its parameters, and a type of the module's own
      # is looked for in these very files.
      waiting.each { |file| @loaded[file] = true }
      parsed.flat_map do |ast|
        known = Gate.making(waiting.first) { known_resource_types.import_ast(ast, modname) }
        waiting.shift
        known
      end
    ensure
      waiting&.each { |file| @loaded.delete(file) }
    end
  end
end

Puppet::Parser::TypeLoader.prepend(Gate::LoadedWhenKnown)

module Gate
  # What a manifest's file is made of when it is loaded counts for every node that gets something of it.
  def self.making(file, &block) = trace ? trace.within(:sources, file, &block) : yield
end
