# Puppet parses an EPP template anew each time that it is used. A tree of a worker never changes, so what a template parses to is kept: where a define
# that 315 resources use has one, that was a sixth of the compile. One that does not parse says so each time.
module Gate
  module EppParsedOnce
    @parsed = {}
    class << self
      attr_reader :parsed
    end

    # A lexer is not made before it is needed.
    def initialize; end

    def parser = @parser ||= Puppet::Pops::Parser::EppParser.new

    def parse_file(file)
      EppParsedOnce.parsed[file] ||= super
    end
  end
  Puppet::Pops::Parser::EvaluatingParser::EvaluatingEppParser.prepend(EppParsedOnce)
end
