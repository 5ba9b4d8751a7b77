module Gate
  # What one compile read, by names and paths (src/plan/trace.ts). A process keeps what earlier nodes made it load, so what loading something
  # read in its turn is kept with it, and counts for every later node that asks for it. What code of the tree read by itself counts for every
  # later node of the process: nobody can say what such code keeps.
  class Trace
    SETS = %i[manifests functions types files folders absent keys impure].freeze
    # Kinds that are never told: files of manifests (their names tell of them), and what every compile begins with.
    INNER = %i[sources].freeze
    MOST = 200_000
    LONGEST = 2_000
    attr_accessor :statement, :outside
    attr_reader :own, :stand_ins

    # `own` are the folders of the tree and its modules, `stand_ins` those of files that stand in for others outside.
    def initialize(own, stand_ins)
      @own = own.map { |folder| "#{folder}/" }
      @stand_ins = stand_ins.map { |folder| "#{folder}/" }
      @loaded = (SETS + INNER).to_h { |kind| [kind, {}] }
      @sticky = { files: {}, folders: {}, impure: {} }
      @sticky_outside = false
      @frame = nil
      @grown = []
      @puppets = {}
      start
    end

    # Of the next node.
    def start
      @seen = (SETS + INNER).to_h { |kind| [kind, {}] }
      @data = {}
      @places = {}.compare_by_identity
      @hierarchies = {}.compare_by_identity
      @statement = nil
      @outside = @sticky_outside
      @sticky.each { |kind, names| names.each_key { |name| @seen[kind][name] = true } }
    end

    def note(kind, name)
      return @frame[[kind, name]] = true if @frame

      seen = @seen[kind]
      return if seen.key?(name)

      seen[name] = true
      @loaded[kind][name]&.each_key { |inner, each| note(inner, each) }
    end

    # What the block reads is what that of this name is made of.
    def within(kind, name, &block)
      making(kind, name, &block)
    ensure
      note(kind, name)
      settle
    end

    def making(kind, name, &block) = framed(@loaded[kind][name] ||= {}, &block)
    def made?(kind, name) = !(@loaded[kind][name] || {}).empty?

    # The same name is asked of one loader after another: once is enough.
    def loading(typed_name)
      return yield if @loading == typed_name

      kind = typed_name.type == :function || typed_name.type == :plan ? :functions : :types
      outer, @loading = @loading, typed_name
      begin
        entry = making(kind, typed_name.name) { yield }
        @puppets[typed_name] = true if entry&.value && puppets?(typed_name)
        entry
      ensure
        @loading = outer
        note(kind, typed_name.name) unless @puppets.key?(typed_name)
        settle
      end
    end

    # What Puppet itself brings can't be another's, and a function's own types are of its text.
    def given?(loader, typed_name)
      @puppets.key?(typed_name) || Puppet::Pops::Loaders.static_loader.loaded.key?(typed_name) ||
        (loader.is_a?(Puppet::Pops::Loader::PredefinedLoader) && loader.get_entry(typed_name))
    end

    def framed(frame)
      outer, @frame, before = @frame, frame, frame.size
      yield
    ensure
      @frame = outer
      @grown << frame if frame.size > before
    end

    # What was told of already may have turned out to be made of more.
    def settle
      return if @frame || @grown.empty?

      grown, @grown = @grown, []
      grown.each { |frame| frame.each_key { |kind, name| note(kind, name) } }
    end

    def sticky(kind, name)
      @sticky[kind][name] = true
      note(kind, name)
    end

    def sticky_outside = @sticky_outside = @outside = true

    def own?(path) = path.start_with?(*@own) || @own.include?("#{path}/")

    # A data file that was asked for a key; nil is all of it.
    def data(location, key)
      path = place(location) or return
      keys = (@data[path] ||= {})
      keys[key] = true
    end

    def absent(location)
      path = place(location)
      note(:absent, path) if path
    end

    # Whether the data sources of a hierarchy are new to this node.
    def hierarchy?(providers) = !@hierarchies.key?(providers) && (@hierarchies[providers] = true)

    def puppets?(typed_name) = Puppet.lookup(:loaders).puppet_system_loader.get_entry(typed_name)&.value

    # A path of the tree as one text; nil for any other.
    def place(location)
      return @places[location] if @places.key?(location)

      path = File.expand_path(location.to_s)
      @places[location] = own?(path) ? path : nil
    end

    # Nil where it is larger than anybody should have to hold, or has a text that JSON has no word for.
    def told(outside)
      sets = SETS.to_h { |kind| [kind.to_s, @seen[kind].keys.sort!] }
      data = @data.keys.sort!.map { |path| { "path" => path, "keys" => @data[path].key?(nil) ? nil : @data[path].keys.sort! } }
      texts = [*sets.values, *data.map { |each| each["keys"] || [] }, data.map { |each| each["path"] }, [@statement].compact]
      return nil if texts.sum(&:size) > MOST || texts.any? { |list| list.any? { |text| text.size > LONGEST || !Gate.utf8?(text) } }

      sets.merge("data" => data, "node" => @statement, "outside" => outside || @outside)
    end
  end

  class << self
    # Nil where nobody asked for traces.
    attr_accessor :trace
  end
end
