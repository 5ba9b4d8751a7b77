# frozen_string_literal: true

# Parses files of a tree without evaluating anything of them. It runs in the sandbox, reads one JSON request from standard input
#   {"seconds": 10, "most": 100, "files": [{"id": 0, "path": "<base64>", "kind": "manifest"}]}
# and answers by lines on standard output: `ready`, and then for each file, in order and as soon as it is done,
#   {"id": 0, "findings": [["error", 3, 1, "SYNTAX_ERROR", "Syntax error at '}'"]]}
# A file that ends this process has no answer, which is how it is found out.
require 'json'
require 'timeout'
require_relative 'syntax-data'
require_relative 'syntax-lanes'

# What a parser writes by itself must not be taken for an answer.
ANSWERS = $stdout.dup
$stdout.reopen($stderr)
$VERBOSE = nil

# Not a StandardError: no parser's own rescue may swallow it.
class TooSlow < Exception; end

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

    found = parser.validate(model.model).diagnostics.reject { |diagnostic| NOT_ASKED.include?(diagnostic.issue.issue_code) }
    found.map { |each| told(each) } + LaneWords.of_model(model.model)
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
    words = asked(error, :basic_message) || error.message.sub(/ \((?:file: .*, )?line: \d+(?:, column: \d+)?\)\z/, '')
    # What follows an open quote may be a password.
    words.sub(/ followed by '.*'\z/m, '')
  end
end

# ERB: compiled to Ruby, and that to instructions, which are thrown away. Neither runs anything, BEGIN blocks included; `result` would.
module Erb
  NAME = 'template'

  def self.check(text, _kind)
    require 'erb'
    template = ERB.new(text, trim_mode: '-')
    RubyVM::InstructionSequence.compile(template.src, NAME, NAME, template.lineno)
    LaneWords.of_ruby(template.src, template.lineno)
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

# Puppet takes most of a second to load, in which whoever asks may still be at writing the tree.
PuppetCode.load if ARGV.include?('--early')
request = JSON.parse($stdin.read, create_additions: false)
PuppetCode.load if request['files'].any? { |file| %w[manifest plan epp].include?(file['kind']) }
ANSWERS.puts('ready')
ANSWERS.flush
request['files'].each do |file|
  findings = check_within(request['seconds'], file['path'].unpack1('m0'), file['kind'])
  said, faults = findings.partition { |finding| LaneWords::CODES.include?(finding.code) }
  rows = faults.take(request['most']).map(&:to_row)
  if faults.length > rows.length
    rows << Finding.error(nil, nil, 'unchecked-output', "only the first #{rows.length} of #{faults.length} findings are shown").to_row
  end
  rows.concat(said.take(LaneWords::MOST).map(&:to_row))
  ANSWERS.puts(JSON.generate('id' => file['id'], 'findings' => rows))
  ANSWERS.flush
end
