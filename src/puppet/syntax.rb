# frozen_string_literal: true

# Parses files of a tree without evaluating anything of them. It runs in the sandbox, reads one JSON request from standard input
#   {"seconds": 10, "most": 100, "files": [{"id": 0, "path": "<base64>", "kind": "manifest"}]}
# and answers by lines on standard output: `ready`, and then for each file, in order and as soon as it is done,
#   {"id": 0, "findings": [["error", 3, 1, "SYNTAX_ERROR", "Syntax error at '}'"]]}
# A file that ends this process has no answer, which is how it is found out.
require 'json'
require 'timeout'

# What a parser writes by itself must not be taken for an answer.
ANSWERS = $stdout.dup
$stdout.reopen($stderr)
$VERBOSE = nil

# Not a StandardError: no parser's own rescue may swallow it.
class TooSlow < Exception; end # rubocop:disable Lint/InheritException

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

# Manifests, plans and EPP: Puppet's own parser and validation, as `puppet parser validate` and `puppet epp validate` use them, but
# without an environment: no module is loaded, and where a class may be declared is left to the compile.
module PuppetCode
  # The parser can't know whether the site has PuppetDB, and its compile says so where it matters.
  NOT_ASKED = %i[RT_NO_STORECONFIGS RT_NO_STORECONFIGS_EXPORT].freeze

  def self.load
    return if @context

    require 'puppet'
    folder = '/tmp/puppet'
    Puppet.initialize_settings(['--confdir', folder, '--vardir', folder, '--codedir', folder, '--log_level', 'crit'])
    Puppet.push_context(Puppet.base_context(Puppet.settings))
    @context = true
  end

  def self.check(text, kind)
    load
    Puppet[:tasks] = kind == 'plan'
    parsers = Puppet::Pops::Parser::EvaluatingParser
    parser = kind == 'epp' ? parsers::EvaluatingEppParser.new : parsers.new
    model = parser.parser.parse_string(text, nil)
    return [] if model.nil?

    parser.validate(model.model).diagnostics.reject { |diagnostic| NOT_ASKED.include?(diagnostic.issue.issue_code) }.map { |found| told(found) }
  rescue Puppet::Error => e
    [Finding.error(asked(e, :line), asked(e, :pos), asked(e, :issue_code) || 'SYNTAX_ERROR', words(e))]
  end

  def self.told(diagnostic)
    severity = %i[error fatal].include?(diagnostic.severity) ? 'error' : 'warning'
    place = diagnostic.source_pos
    message = Puppet::Pops::Validation::DiagnosticFormatterPuppetStyle.new.format_message(diagnostic)
    Finding.new(severity, place&.line, place&.pos, diagnostic.issue.issue_code, message)
  end

  def self.asked(error, what)
    error.respond_to?(what) ? error.public_send(what) : nil
  end

  # The message without the place, which the finding has already.
  def self.words(error)
    asked(error, :basic_message) || error.message.sub(/ \((?:file: .*, )?line: \d+(?:, column: \d+)?\)\z/, '')
  end
end

# ERB: compiled to Ruby, and that to instructions, which are thrown away. Neither runs anything, BEGIN blocks included; `result` would.
module Erb
  NAME = 'template'

  def self.check(text, _kind)
    require 'erb'
    template = ERB.new(text, trim_mode: '-')
    RubyVM::InstructionSequence.compile(template.src, NAME, NAME, template.lineno)
    []
  rescue SyntaxError => e
    lines = e.message.lines.map(&:chomp)
    first = lines.map { |line| line.match(/\A#{NAME}:(\d+): (.*)\z/) }.compact.first
    # Ruby 3.4 puts the words for what is wrong behind a caret under the line.
    caret = lines.map { |line| line[/\^~*\s+(\S.*)\z/, 1] }.compact.first
    message = [first ? first[2] : lines.first, caret].compact.join(': ')
    [Finding.error(first && first[1].to_i, nil, 'erb-syntax', message)]
  rescue ArgumentError => e # a magic comment that names no encoding
    [Finding.error(1, nil, 'erb-syntax', e.message)]
  end
end

# YAML: read into Psych's syntax tree, from which no object is ever made. Hiera's own rules are then read off that tree.
module Yaml
  def self.check(text, kind)
    require 'psych'
    documents = Psych.parse_stream(text.delete_prefix("\uFEFF")).children
    found = duplicates(documents)
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
  STRING = /"(?:[^"\\\x00-\x1f]|\\.)*"/.freeze
  SCALAR = /#{STRING}|-?\d[-+.\deE]*|true|false|null/.freeze

  def self.check(text, _kind)
    JSON.parse(text, create_additions: false)
    []
  rescue JSON::NestingError => e
    [Finding.error(nil, nil, 'json-syntax', e.message)]
  rescue JSON::ParserError
    offset = break_of(text)
    rest = text.byteslice(offset, 80).scrub[0, 20]
    message = rest.strip.empty? ? 'the JSON ends too early' : "this is not JSON from here on: #{rest}"
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

PARSERS = {
  'manifest' => PuppetCode, 'plan' => PuppetCode, 'epp' => PuppetCode, 'erb' => Erb, 'hiera' => Yaml, 'yaml' => Yaml, 'json' => Json
}.freeze

def check(path, kind)
  # The list names regular files only; NOFOLLOW is the second lock on that door.
  text = File.open(path, File::RDONLY | File::NOFOLLOW, &:read).force_encoding(Encoding::UTF_8)
  unless text.valid_encoding?
    line = text.each_line("\n").find_index { |each| !each.valid_encoding? } + 1
    return [Finding.error(line, nil, 'not-utf8', 'this line is not UTF-8, and Puppet reads nothing else')]
  end
  PARSERS.fetch(kind).check(text, kind)
end

# libyaml needs a second for 20,000 brackets, four times as long for twice as many, and can't be interrupted from Ruby: past this much
# processor time the kernel ends the process, and the file is found out by that.
def limit_processor_time(seconds)
  used = Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID).ceil
  Process.setrlimit(:CPU, used + seconds.ceil + 1, Process.getrlimit(:CPU).last)
end

def check_within(seconds, path, kind)
  limit_processor_time(seconds)
  Timeout.timeout(seconds, TooSlow) { check(path, kind) }
rescue TooSlow
  [Finding.error(nil, nil, 'unchecked-time', "not checked: parsing it took longer than #{seconds} seconds")]
rescue NoMemoryError
  [Finding.error(nil, nil, 'unchecked-memory', 'not checked: parsing it takes more memory than the sandbox has')]
rescue SystemStackError
  [Finding.error(nil, nil, 'unchecked-crash', 'not checked: it is nested too deeply')]
rescue StandardError => e
  [Finding.error(nil, nil, 'unchecked-crash', "not checked: the parser failed (#{e.class}: #{e.message})")]
end

request = JSON.parse($stdin.read, create_additions: false)
PuppetCode.load if request['files'].any? { |file| %w[manifest plan epp].include?(file['kind']) }
ANSWERS.puts('ready')
ANSWERS.flush
request['files'].each do |file|
  findings = check_within(request['seconds'], file['path'].unpack1('m0'), file['kind'])
  rows = findings.take(request['most']).map(&:to_row)
  if findings.length > rows.length
    rows << Finding.error(nil, nil, 'unchecked-output', "only the first #{rows.length} of #{findings.length} findings are shown").to_row
  end
  ANSWERS.puts(JSON.generate('id' => file['id'], 'findings' => rows))
  ANSWERS.flush
end
