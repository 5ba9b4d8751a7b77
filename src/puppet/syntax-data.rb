# frozen_string_literal: true

# What `syntax.rb` finds, and its parsers of data: YAML and JSON.
require 'json'

Finding = Struct.new(:severity, :line, :column, :code, :message) do
  def self.error(line, column, code, message)
    new('error', line, column, code, message)
  end

  def self.warning(line, column, code, message)
    new('warning', line, column, code, message)
  end

  def to_row
    place = [line, column].map { |number| number if number.is_a?(Integer) && number.positive? }
    [severity, *place, code.to_s, message.to_s.dup.force_encoding(Encoding::UTF_8).scrub[0, 2000]]
  end
end

# Line and column of a byte offset, both from 1.
def place_of(text, offset)
  before = text.byteslice(0, offset).scrub
  [before.count("\n") + 1, before.length - (before.rindex("\n") || -1)]
end

# YAML: read into Psych's syntax tree, from which no object is ever made. Hiera's own rules are then read off that tree.
module Yaml
  def self.check(text, kind)
    require 'psych'
    documents = Psych.parse_stream(text.delete_prefix("\uFEFF")).children
    found = duplicates(documents) + LaneWords.of_yaml(documents)
    kind == 'hiera' ? hiera(documents) + found : found
  rescue Psych::SyntaxError => e
    [Finding.error(e.line, e.column, 'yaml-syntax', [e.problem, e.context].compact.join(' '))]
  end

  # Psych's AST answers `each` recursively, and a file may be nested deeper than a stack: hence the list.
  def self.each_node(documents)
    waiting = documents.reverse
    until waiting.empty?
      node = waiting.pop
      yield node
      waiting.concat(node.children.reverse) if node.children
    end
  end

  def self.duplicates(documents)
    found = []
    each_node(documents) do |node|
      next unless node.is_a?(Psych::Nodes::Mapping)

      scalars = node.children.each_slice(2).map(&:first).grep(Psych::Nodes::Scalar).reject { |key| key.value == '<<' }
      scalars.group_by { |key| key_of(key) }.each_value do |(first, *more)|
        more.each { |key| found << at(:warning, key, 'yaml-duplicate-key', "the key #{key.value} is already on line #{first.start_line + 1}; the last one wins") }
      end
    end
    found
  end

  def self.hiera(documents)
    found = []
    found << at(:warning, documents[1], 'yaml-documents', 'hiera reads only the first document of a file') if documents.length > 1
    root = documents.first&.root
    if root && !root.is_a?(Psych::Nodes::Mapping) && !(root.is_a?(Psych::Nodes::Scalar) && [nil, false].include?(plain(root)))
      found << at(:warning, root, 'yaml-not-a-hash', 'hiera data must be a hash at the top: nothing of this file is found')
    end
    each_node(documents.take(1)) do |node|
      name = refused_class(node)
      found << at(:error, node, 'yaml-class', "hiera data can't hold a #{name}: Puppet refuses the whole file (a date or time needs quotes)") if name
    end
    found
  end

  # The class that Puppet's safe load would refuse: by tag, or a plain date or time.
  def self.refused_class(node)
    tag = node.tag if node.respond_to?(:tag)
    return tag[/[^:]+\z/] if tag && tag.match?(%r{\A!(?:ruby/(?!sym)|(?:map|seq|str):|set\z|date\z|xmlschema\z)})
    return unless node.is_a?(Psych::Nodes::Scalar) && node.plain && tag.nil?

    plain(node)
    nil
  rescue Psych::DisallowedClass => e
    e.message[/\S+\z/]
  end

  def self.key_of(node)
    plain(node)
  rescue Psych::DisallowedClass
    node.value
  end

  def self.plain(node)
    @scanner ||= Psych::ScalarScanner.new(Psych::ClassLoader::Restricted.new(['Symbol'], []))
    node.plain ? @scanner.tokenize(node.value) : node.value
  end

  def self.at(severity, node, code, message)
    Finding.public_send(severity, node.start_line + 1, node.start_column + 1, code, message)
  end
end

# JSON: the library says whether it is right, and this where it is not, which the library says differently in each version.
module Json
  STRING = /"(?:[^"\\\x00-\x1f]|\\.)*+"/.freeze
  SCALAR = /#{STRING}|-?\d[-+.\deE]*|true|false|null/.freeze

  def self.check(text, _kind)
    JSON.parse(text, create_additions: false)
    LaneWords.of_json(text)
  rescue JSON::NestingError => e
    [Finding.error(nil, nil, 'json-syntax', e.message)]
  rescue JSON::ParserError
    offset = break_of(text)
    # What stands there is not quoted: it may be a password that lost its quotes.
    message = text.byteslice(offset, 80).scrub.strip.empty? ? 'the JSON ends too early' : 'this is not JSON from here on'
    [Finding.error(*place_of(text, offset), 'json-syntax', message)]
  end

  def self.break_of(text)
    require 'strscan'
    scan = StringScanner.new(text)
    open = []
    expected = :value
    loop do
      scan.skip(/[ \t\r\n]+/)
      expected = step(scan, open, expected) || (return scan.pos)
    end
  end

  # What is expected after the next token, or nil where there is none that fits.
  def self.step(scan, open, expected)
    case expected
    when :value
      if (bracket = scan.scan(/[\[{]/))
        open.push(bracket)
        bracket == '{' ? :first_key : :first_value
      elsif scan.skip(SCALAR)
        :more
      end
    when :first_key, :key
      return close(open) if expected == :first_key && scan.skip(/\}/)

      :value if scan.skip(/#{STRING}[ \t\r\n]*:/)
    when :first_value
      scan.skip(/\]/) ? close(open) : :value
    when :more
      return nil if open.empty?
      return open.last == '{' ? :key : :value if scan.skip(/,/)

      close(open) if scan.skip(open.last == '{' ? /\}/ : /\]/)
    end
  end

  def self.close(open)
    open.pop
    :more
  end
end
