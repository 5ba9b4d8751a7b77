module Gate
  # The facts that one compile read, each by its path: `$facts['os']['family']` is ["os", "family"], `$::uptime` is ["uptime"], and [] is all of
  # them. A path stands for what is below it. It holds those that turned out to be missing too: had they been there, the catalog might be another.
  # What is in doubt is noted as more, never as less.
  class FactReads
    WHOLE = [].freeze
    MOST_PATHS = 5_000
    DEEPEST = 16
    LONGEST = 200

    def initialize(others)
      @others = others # top-scope variables that are no facts
      @paths = {}
      @places = {}.compare_by_identity
      @lefts = []
      @passed_over = nil
    end

    # Where each map of the facts lies in them, found again by its identity: `$x = $facts['os']` hands on the map itself.
    def facts=(hash)
      @places[hash] = WHOLE
      hash.each { |name, value| @places[value] = [name] if value.is_a?(Hash) }
    end

    def add(path)
      path = path.take_while { |name| name.is_a?(String) && name.length <= LONGEST }.first(DEEPEST)
      @paths = { WHOLE => true } if @paths.size >= MOST_PATHS
      @paths[path] = true
    end

    # A value was taken as it is: if it is a map of the facts, anything in it may have been read.
    def use(value) = value.is_a?(Hash) && @places.key?(value) && add(@places[value])

    # A variable was asked of the top scope.
    def variable(name, value)
      return @passed_over = nil if @passed_over == name
      return use(value) if value.is_a?(Hash) && @places.key?(value)

      add([name]) unless @others.include?(name)
    end

    # Goes down from a map of the facts by these names, and notes how far that came. What is there counts as read, or is `only_passed`.
    def go_down(value, names, only_passed: false)
      return unless value.is_a?(Hash) && @places.key?(value)

      path = @places[value]
      names.each do |name|
        return add(path) unless value.is_a?(Hash) && name.is_a?(String)

        value = value[name]
        path += [name]
      end
      @places[value] = path if value.is_a?(Hash)
      add(path) unless only_passed && value.is_a?(Hash)
    end

    # While the block runs, `expression` is only a step on the way to something in it.
    def left(expression)
      @lefts.push(expression)
      yield
    ensure
      @lefts.pop
    end

    def left?(expression) = @lefts.last.equal?(expression)

    # What the top scope is asked of this name next is told of by whoever asks.
    def pass_over(name)
      @passed_over = name
      yield
    ensure
      @passed_over = nil
    end

    # As data and `getvar` write it: `facts.os.family`, `::os.family`. A quoted part is one whose name has dots in it.
    def dotted(key)
      root, *names = key.to_s.delete_prefix("::").split(".")
      names = [] if key.to_s.match?(/["']/)
      if root == "facts" then add(names)
      elsif !(root.nil? || root.include?("::") || @others.include?(root)) then add([root, *names])
      end
      pass_over(root) { yield } if block_given?
    end

    # An ERB template sees every variable of its scope: those count whose names its text has.
    def template(text)
      return add(WHOLE) if text.match?(/instance_variable|method_missing|\bbinding\b|\beval\b|\bsend\b/)

      text.scan(/@(\w+)((?:\s*\[\s*(?:'[^']*'|"[^"#]*")\s*\])*)(?:\.dig\(((?:\s*(?:'[^']*'|"[^"#]*")\s*,?)+)\))?/) do |name, steps, dug|
        names = "#{steps}#{dug}".scan(/'([^']*)'|"([^"]*)"/).map { |single, double| single || double }
        next add(names) if name == "facts"

        add([name, *names]) unless @others.include?(name)
      end
    end

    # The next time that somebody takes all variables of a scope, it is a template, whose text has told.
    def next_by_text = @by_text = true

    # A scope asks those above it in its turn.
    def every_variable
      add(WHOLE) unless @by_text || @within
      outermost, @within, @by_text = !@within, true, false
      yield
    ensure
      @within = false if outermost
    end

    # Sorted, without what is below another.
    def paths
      @paths.keys.reject { |path| path.size.times.any? { |length| @paths.key?(path.first(length)) } }.sort
    end
  end

  class << self
    # Of the compile that is under way; nil between compiles.
    attr_accessor :fact_reads
  end
end
