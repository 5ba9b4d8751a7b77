module Gate
  # A failure as one message without places and names in it, so that the same fault reads the same for every node and on both sides.
  # {code, message, path, line}; the path is relative to the tree.
  def self.failure(exception, root, certname)
    code, message = describe(exception)
    message = unquoted(message, exception)
    path, line = place(exception, message, root)
    name = Regexp.escape(certname.to_s)
    message = message.gsub(/ on node #{name}\z/, "").gsub(/ \((?:file: [^()]*|line: \d+[^()]*)\)/, "").gsub(/ for #{name}\z/, "")
    message = message.gsub("#{root}/", "").gsub(root, ".")
    # Cut to what is shown only outside, where secrets are taken out first: half of one would not be found.
    { "code" => code, "message" => clean(message)[0, 100_000].strip, "path" => path && clean(path.delete_prefix("#{root}/")), "line" => line }
  end

  def self.describe(exception)
    case exception
    when NoMemoryError then ["memory", "The compile needed more memory than it may have."]
    when TooLong then ["output", "The catalog is larger than the limit."]
    # No word of Puppet's: taken for debt of base, it would hide a fault of ours.
    when SystemStackError then ["crash", "The compile recursed without end (stack level too deep)."]
    when SystemExit then ["crash", "Code of this tree ended the compiler (exit #{exception.status})."]
    when SignalException then ["crash", "Code of this tree ended the compiler (#{exception.message})."]
    else [no_node?(exception) ? "no-node" : "compile", exception.message.to_s.dup.force_encoding(Encoding::UTF_8).scrub]
    end
  end

  # Without what parsers quote of a file's own text: where it does not parse, nobody can say what of it is secret. (In YAML, any value that
  # begins with a star is an alias.)
  def self.unquoted(message, exception)
    quoting = chain(exception).grep(JSON::ParserError).grep_v(JSON::NestingError)
    quoting.each { |link| message = message.gsub(link.message) { "this is not JSON" } }
    message.gsub(/ followed by '.*?'(?= \(|\z)/m, "").gsub(/(Unknown alias): .*/m, "\\1")
           .gsub(/(?:\d+: )?(?:unexpected|expected) (?:token|character).*? '.*'/m, "this is not JSON")
  end

  # An exception and what it was raised for.
  def self.chain(exception)
    links = [exception]
    links << links.last.cause while links.last.cause && links.size < 20
    links
  end

  # By where it was raised: a manifest can fail with the same words.
  def self.no_node?(exception)
    origin = (exception.cause || exception).backtrace&.first.to_s
    origin.include?("evaluate_ast_node") && origin.include?("/puppet/parser/compiler.rb")
  end

  # The innermost exception knows best where; Puppet's wrappers drop it from their fields and keep it in their words.
  # Else Puppet's own stack is among Ruby's frames, under the names of its files.
  def self.place(exception, message, root)
    chain(exception).reverse_each do |link|
      next unless link.respond_to?(:file) && link.file

      return [link.file.to_s, link.respond_to?(:line) && link.line ? Integer(link.line) : nil]
    end
    match = /\(file: (.+?)(?:, line: (\d+))?(?:, column: \d+)?\)/.match(message)
    match ||= exception.backtrace&.lazy&.filter_map { |frame| %r{\A(#{Regexp.escape(root)}/.+?):(\d+)}.match(frame) }&.first
    match ? [match[1], match[2]&.to_i] : [nil, nil]
  end
end
