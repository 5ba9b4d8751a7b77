# Puppet marks a file as loaded once it is parsed, and adds the classes of a request's files only after all of them are. A module's
# init.pp is loaded with any of its classes: a syntax error in one of them lost the module's main class for every later node ("Could
# not find declared class"). Here a file counts as loaded when its classes are known.
module Gate
  module LoadedWhenKnown
    private

    def load_files(modname, files)
      @loaded ||= {}
      parsed = files.reject { |file| @loaded[file] }.map { |file| [file, parse_file(file)] }
      parsed.flat_map do |file, ast|
        known = known_resource_types.import_ast(ast, modname)
        @loaded[file] = true
        known
      end
    end
  end
end

Puppet::Parser::TypeLoader.prepend(Gate::LoadedWhenKnown)
