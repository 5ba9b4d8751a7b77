module Gate
  # The node statements of the main manifest, a file or a folder of them, parsed and not evaluated.
  def self.node_statements(manifest)
    files = [manifest]
    if File.directory?(manifest)
      Dir.children(manifest) # raises where it can't be read, upon which glob finds nothing
      files = Dir.glob("**/*.pp", base: manifest).sort.map { |name| File.join(manifest, name) }
    end
    parser = Puppet::Pops::Parser::EvaluatingParser.new
    matches = files.flat_map do |file|
      definitions = parser.parse_file(file).definitions
      definitions.grep(Puppet::Pops::Model::NodeDefinition).flat_map(&:host_matches)
    end
    names = matches.grep(Puppet::Pops::Model::LiteralString).map { |match| match.value.downcase }.uniq
    # Without any node statement, every node gets what stands at top level.
    { "names" => names, "open" => matches.empty? || matches.any? { |match| !match.is_a?(Puppet::Pops::Model::LiteralString) } }
  end
end
