require "ripper"

module Gate
  # Whether Ruby of the tree, by its text, may answer otherwise the next time: it looks at the clock, at chance, at its process or at the
  # machine. Comments and quoted text do not count, nor does the environment of the process, which is the same in every sandbox.
  module Impurity
    CONSTANTS = %w[
      Time Date DateTime SecureRandom Random Socket TCPSocket UDPSocket UNIXSocket Open3 Process ObjectSpace PTY Etc Facter
    ].freeze
    CALLS = %w[rand srand system exec spawn fork syscall popen shuffle sample object_id __id__].freeze
    # Draws that come from a seed are the same each time: `Random.new(seed).rand`.
    DRAWS = %w[rand shuffle sample].freeze
    # Words that ask of what kind a value is, or whether there is such a class.
    KINDS = %w[is_a? kind_of? instance_of? defined?].freeze
    ANY = /\b(?:#{(CONSTANTS + CALLS).join("|")})\b|`|%x|\$\$|\.hash\b/.freeze
    KEPT = 2_000

    @templates = {}

    class << self
      # A function's file, when it is loaded. What is found counts for whoever calls it.
      def file(name, path) = ruby(name, File.read(path, encoding: "UTF-8"))

      def ruby(name, text)
        reasons(text).each { |reason| Gate.trace.note(:impure, "the function #{name} uses #{reason}") }
      end

      # A template's text, each time that it is used.
      def template(name, text)
        @templates.clear if @templates.size > KEPT
        found = @templates[text] ||= reasons(code(text))
        found.each { |reason| Gate.trace.note(:impure, "the template #{name} uses #{reason}") }
      end

      # The words of a piece of Ruby that say so.
      def reasons(text)
        text = text.dup.force_encoding(Encoding::UTF_8).scrub
        return [] unless ANY.match?(text)

        tokens = Ripper.lex(text).map { |_, kind, word| [kind, word] }.reject { |kind, _| %i[on_sp on_ignored_nl on_nl on_comment on_embdoc].include?(kind) }
        tokens.each_index.filter_map { |at| reason(tokens, at) }.uniq
      end

      private

      def reason(tokens, at)
        kind, word = tokens[at]
        case kind
        when :on_const then word if CONSTANTS.include?(word) && !kind?(tokens, at) && !(word == "Random" && seeded?(tokens, at + 1))
        when :on_ident then word if CALLS.include?(word) ? !drawn?(tokens, at) : word == "hash" && at.positive? && tokens[at - 1][0] == :on_period
        when :on_backtick then "a command" unless at.positive? && [:on_symbeg, :on_kw].include?(tokens[at - 1][0])
        when :on_gvar then word if %w[$$ $PID $PROCESS_ID].include?(word)
        end
      end

      # `is_a?(Time)` and `when Time` only name a class.
      def kind?(tokens, at)
        following = tokens[at + 1, 2].map(&:last)
        return following == %w[. class] if %w[. &. ::].include?(following.first)

        before = tokens[[at - 2, 0].max...at]
        before.any? { |_, word| KINDS.include?(word) } || before.last == [:on_kw, "when"]
      end

      # `.new(` and something: which is the seed.
      def seeded?(tokens, at) = tokens[at, 3]&.map(&:last) == %w[. new (] && tokens[at + 3]&.last != ")"

      # From something that was seeded: `random.rand`, `list.shuffle(random: random)`. What was not is found by its constant.
      def drawn?(tokens, at)
        return given?(tokens, at) if tokens[at].last == "srand"
        return true if tokens[at].last == "rand" && tokens.each_index.any? { |other| tokens[other].last == "srand" && given?(tokens, other) }
        return false unless DRAWS.include?(tokens[at].last) && at > 1 && tokens[at - 1][0] == :on_period
        return tokens[at - 2][0] != :on_const if tokens[at].last == "rand"

        tokens[at + 1, 2]&.map(&:last) == %w[( random:]
      end

      def given?(tokens, at) = tokens[at + 1]&.last == "(" && tokens[at + 2]&.last != ")"

      # The Ruby in a text of ERB.
      def code(text)
        text.dup.force_encoding(Encoding::UTF_8).scrub.scan(/<%(?![%#])[-=]?(.*?)-?%>/m).join("\n")
      end
    end
  end
end
